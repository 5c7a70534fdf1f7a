//! Burn's terminal dashboard as a callback. Everything that touches `burn-train` stands here, as its traits
//! change between versions.

use std::sync::Arc;

use brasa_train::metrics::Direction;
use brasa_train::{Callback, Control, EpochRecord, Plan, Result, StepRecord, StopReason};
use burn_train::Interrupter;
use burn_train::logger::TrainingProgressLogger;
use burn_train::metric::{
    MetricAttributes, MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry,
    SerializedEntry,
};
use burn_train::renderer::tui::TuiMetricsRendererWrapper;
use burn_train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};

/// Shows a training on Burn's dashboard; its stop key ends the training after the epoch.
pub(crate) struct Dashboard {
    renderer: TuiMetricsRendererWrapper,
    interrupter: Interrupter,
    plan: Option<Plan>,
}

impl Dashboard {
    pub(crate) fn new() -> Self {
        let interrupter = Interrupter::new();
        Self { renderer: TuiMetricsRendererWrapper::new(interrupter.clone(), None), interrupter, plan: None }
    }
}

impl Callback for Dashboard {
    fn on_start(&mut self, plan: &Plan) -> Result<()> {
        for metric in plan.metrics.iter() {
            let higher_is_better = metric.direction() == Direction::HigherIsBetter;
            self.renderer.register_metric(MetricDefinition {
                metric_id: id(metric.name()),
                name: Arc::new(metric.label().into()),
                description: None,
                attributes: MetricAttributes::Numeric(NumericAttributes { unit: None, higher_is_better }),
            });
        }
        self.renderer.start(plan.epochs, 1, Some(plan.train_rows), None);
        self.renderer.start_split("train", plan.train_rows);
        self.plan = Some(plan.clone());
        Ok(())
    }

    fn on_step(&mut self, step: &StepRecord) {
        self.renderer.update_split(step.rows);
    }

    fn on_epoch(&mut self, record: &EpochRecord) -> Result<Control> {
        for (state, scores) in [(false, &record.train), (true, &record.valid)] {
            for (name, value) in scores.iter() {
                let state_of = MetricState::Numeric(
                    MetricEntry::new(
                        id(name),
                        SerializedEntry::new(
                            format!("epoch {} - {value:.4}", record.epoch),
                            value.to_string(),
                        ),
                    ),
                    Some(NumericEntry::Value(value)),
                );
                if state {
                    self.renderer.update_valid(state_of)
                } else {
                    self.renderer.update_train(state_of)
                }
            }
        }
        self.renderer.end_split();
        self.renderer.update_epoch(record.epoch);
        if let Some(plan) = &self.plan {
            self.renderer.start_split("train", plan.train_rows);
        }
        let stop = self.interrupter.should_stop();
        Ok(if stop { Control::Stop(StopReason::Interrupted) } else { Control::Continue })
    }

    fn on_end(&mut self, _reason: &StopReason) -> Result<()> {
        self.renderer.end();
        // The dashboard closes when it is dropped.
        Ok(())
    }
}

impl brasa_run::RunObserver for Dashboard {}

fn id(name: &str) -> MetricId {
    MetricId::new(Arc::new(name.into()))
}
