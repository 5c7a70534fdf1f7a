use super::curve::Curve;
use super::plateau::PlateauSettings;
use super::{Per, Schedule, ScheduleConfig, ScheduleError, ScheduleKind};

impl ScheduleConfig {
    /// Checks every key and fills in the defaults.
    ///
    /// `base_lr` is the optimizer's learning rate, above 0. `steps_per_epoch` and `epochs` are the length of the
    /// whole run, which the cosine and the one-cycle kinds are fitted to.
    ///
    /// # Errors
    /// A key that does not apply to the kind, a missing key, a value outside its range, a warm-up as long as the
    /// run, or a run without steps.
    pub fn check(
        &self,
        base_lr: f64,
        steps_per_epoch: usize,
        epochs: usize,
    ) -> Result<Schedule, ScheduleError> {
        self.reject_keys_of_other_kinds()?;
        positive("lr", base_lr)?;
        if epochs == 0 || steps_per_epoch == 0 {
            return Err(ScheduleError::EmptyRun { epochs, steps_per_epoch });
        }
        let per = self.per.unwrap_or(match self.kind {
            ScheduleKind::OneCycle => Per::Step,
            _ => Per::Epoch,
        });
        let total = match per {
            Per::Epoch => epochs,
            Per::Step => epochs.saturating_mul(steps_per_epoch),
        };
        let warmup = self.warmup.unwrap_or(0);
        if warmup >= total {
            return Err(ScheduleError::WarmupTooLong { warmup, total, per });
        }
        let mut config = self.clone();
        let curve = config.fill_in(base_lr, total - warmup)?;
        if warmup > 0 || !matches!(self.kind, ScheduleKind::Constant | ScheduleKind::Plateau) {
            config.per = Some(per);
        }
        let warmup_start_factor = self.warmup_start_factor.unwrap_or(1.0 / 3.0);
        within("warmup_start_factor", warmup_start_factor, "above 0 and at most 1", |v| v > 0.0 && v <= 1.0)?;
        if warmup > 0 {
            config.warmup_start_factor = Some(warmup_start_factor);
        }
        Ok(Schedule { config, per, steps_per_epoch, warmup, warmup_start_factor, curve })
    }

    /// Fills in the defaults of the kind and checks its ranges; `units` is the run without the warm-up.
    fn fill_in(&mut self, lr: f64, units: usize) -> Result<Curve, ScheduleError> {
        let kind = self.kind;
        let missing = |key, meaning| ScheduleError::MissingKey { key, kind, meaning };
        Ok(match kind {
            ScheduleKind::Constant => Curve::Constant { lr },
            ScheduleKind::Step => {
                let step_size =
                    self.step_size.ok_or_else(|| missing("step_size", "units between two cuts"))?;
                let gamma = *self.gamma.get_or_insert(0.1);
                at_least_one("step_size", step_size)?;
                within("gamma", gamma, "above 0 and at most 1", |v| v > 0.0 && v <= 1.0)?;
                Curve::Step { lr, step_size, gamma }
            }
            ScheduleKind::Cosine => {
                let t_max = *self.t_max.get_or_insert(units);
                at_least_one("t_max", t_max)?;
                Curve::Cosine { lr, t_max, eta_min: floor("eta_min", *self.eta_min.get_or_insert(0.0), lr)? }
            }
            ScheduleKind::WarmRestarts => {
                let t_0 = self.t_0.ok_or_else(|| missing("t_0", "units of the first cycle"))?;
                let t_mult = *self.t_mult.get_or_insert(1);
                at_least_one("t_0", t_0)?;
                at_least_one("t_mult", t_mult)?;
                let eta_min = floor("eta_min", *self.eta_min.get_or_insert(0.0), lr)?;
                Curve::WarmRestarts { lr, t_0, t_mult, eta_min }
            }
            ScheduleKind::Plateau => Curve::Plateau { lr, settings: self.fill_in_plateau(lr)? },
            ScheduleKind::OneCycle => {
                let max_lr = *self.max_lr.get_or_insert(lr);
                let pct_start = *self.pct_start.get_or_insert(0.3);
                let div_factor = *self.div_factor.get_or_insert(25.0);
                let final_div_factor = *self.final_div_factor.get_or_insert(1e4);
                positive("max_lr", max_lr)?;
                within("pct_start", pct_start, "at least 0 and below 1", |v| (0.0..1.0).contains(&v))?;
                within("div_factor", div_factor, "finite and at least 1", |v| v >= 1.0)?;
                within("final_div_factor", final_div_factor, "finite and at least 1", |v| v >= 1.0)?;
                let initial_lr = max_lr / div_factor;
                Curve::OneCycle {
                    initial_lr,
                    max_lr,
                    min_lr: initial_lr / final_div_factor,
                    pct_start,
                    total: units,
                }
            }
        })
    }

    fn fill_in_plateau(&mut self, lr: f64) -> Result<PlateauSettings, ScheduleError> {
        let factor = *self.factor.get_or_insert(0.1);
        let threshold = *self.threshold.get_or_insert(1e-4);
        within("factor", factor, "above 0 and below 1", |v| v > 0.0 && v < 1.0)?;
        within("threshold", threshold, "at least 0 and below 1", |v| (0.0..1.0).contains(&v))?;
        Ok(PlateauSettings {
            factor,
            patience: *self.patience.get_or_insert(10),
            threshold,
            cooldown: *self.cooldown.get_or_insert(0),
            min_lr: floor("min_lr", *self.min_lr.get_or_insert(0.0), lr)?,
        })
    }

    fn reject_keys_of_other_kinds(&self) -> Result<(), ScheduleError> {
        let kind = self.kind;
        let own: &[&str] = match kind {
            ScheduleKind::Constant => &[],
            ScheduleKind::Step => &["step_size", "gamma"],
            ScheduleKind::Cosine => &["t_max", "eta_min"],
            ScheduleKind::WarmRestarts => &["t_0", "t_mult", "eta_min"],
            ScheduleKind::Plateau => &["factor", "patience", "threshold", "cooldown", "min_lr"],
            ScheduleKind::OneCycle => &["max_lr", "pct_start", "div_factor", "final_div_factor"],
        };
        let given = [
            ("step_size", self.step_size.is_some()),
            ("gamma", self.gamma.is_some()),
            ("t_max", self.t_max.is_some()),
            ("eta_min", self.eta_min.is_some()),
            ("t_0", self.t_0.is_some()),
            ("t_mult", self.t_mult.is_some()),
            ("factor", self.factor.is_some()),
            ("patience", self.patience.is_some()),
            ("threshold", self.threshold.is_some()),
            ("cooldown", self.cooldown.is_some()),
            ("min_lr", self.min_lr.is_some()),
            ("max_lr", self.max_lr.is_some()),
            ("pct_start", self.pct_start.is_some()),
            ("div_factor", self.div_factor.is_some()),
            ("final_div_factor", self.final_div_factor.is_some()),
        ];
        if let Some((key, _)) = given.into_iter().find(|(key, given)| *given && !own.contains(key)) {
            let allowed = [own, &["per", "warmup", "warmup_start_factor"]].concat().join(", ");
            return Err(ScheduleError::KeyDoesNotApply { key, kind, allowed });
        }
        if self.warmup.is_none() && self.warmup_start_factor.is_some() {
            return Err(ScheduleError::NeedsWarmup { key: "warmup_start_factor", kind });
        }
        let counts_nothing_else = matches!(kind, ScheduleKind::Constant | ScheduleKind::Plateau);
        if self.warmup.is_none() && self.per.is_some() && counts_nothing_else {
            return Err(ScheduleError::NeedsWarmup { key: "per", kind });
        }
        Ok(())
    }
}

pub(super) fn positive(key: &'static str, value: f64) -> Result<(), ScheduleError> {
    within(key, value, "finite and above 0", |v| v > 0.0)
}

fn floor(key: &'static str, value: f64, base_lr: f64) -> Result<f64, ScheduleError> {
    let expected = format!("at least 0 and at most the base learning rate {base_lr}");
    within(key, value, &expected, |v| (0.0..=base_lr).contains(&v))?;
    Ok(value)
}

fn at_least_one(key: &'static str, value: usize) -> Result<(), ScheduleError> {
    within(key, value as f64, "at least 1", |v| v >= 1.0)
}

fn within(
    key: &'static str,
    value: f64,
    expected: &str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), ScheduleError> {
    if value.is_finite() && holds(value) {
        return Ok(());
    }
    Err(ScheduleError::OutOfRange { key, expected: expected.to_owned(), found: value })
}
