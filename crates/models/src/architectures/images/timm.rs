//! The names of timm's modules, led to torchvision's by rule.

use crate::KeyRename;

/// What may stand before a name: parts within have names of their own.
const BEFORE: &str = r"^((?:module\.|model\.|state_dict\.)*)";

/// Parameters of the module `theirs` are those of `ours`, whatever stands before both.
pub(super) fn rule(theirs: &str, ours: &str) -> KeyRename {
    let theirs = theirs.replace('.', r"\.");
    KeyRename::new(
        format!(r"{BEFORE}{theirs}\.(weight|bias|running_mean|running_var)$"),
        format!("${{1}}{ours}.${{2}}"),
    )
}

/// The parameter `theirs` is `ours`, as [`rule`].
pub(super) fn parameter(theirs: &str, ours: &str) -> KeyRename {
    KeyRename::new(format!("{BEFORE}{}$", theirs.replace('.', r"\.")), format!("${{1}}{ours}"))
}

/// Parts of an inverted residual block, in the order in which they are applied.
pub(super) enum Part {
    /// A convolution and its norm.
    Conv(&'static str, &'static str),
    /// Squeeze-and-excitation.
    Squeeze,
}

impl Part {
    /// Those of a block that is wider between, or not, and weighted, or not.
    pub(super) fn of_inverted(wider: bool, weighted: bool) -> Vec<Self> {
        let squeeze = weighted.then_some(Self::Squeeze);
        let (mut parts, last) = match wider {
            true => (
                vec![Self::Conv("conv_pw", "bn1"), Self::Conv("conv_dw", "bn2")],
                Self::Conv("conv_pwl", "bn3"),
            ),
            false => (vec![Self::Conv("conv_dw", "bn1")], Self::Conv("conv_pw", "bn2")),
        };
        parts.extend(squeeze);
        parts.push(last);
        parts
    }
}

/// The rules of one block; `ours` are our names of the convolution and the norm at a place, which may be the last.
pub(super) fn block(name: &str, parts: &[Part], ours: impl Fn(usize, bool) -> [String; 2]) -> Vec<KeyRename> {
    let mut rules = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let [conv, norm] = ours(at, at + 1 == parts.len());
        match part {
            Part::Conv(theirs, their_norm) => {
                rules.push(rule(&format!("{name}.{theirs}"), &conv));
                rules.push(rule(&format!("{name}.{their_norm}"), &norm));
            }
            Part::Squeeze => {
                let base = conv.strip_suffix(".0").unwrap_or(&conv);
                rules.push(rule(&format!("{name}.se.conv_reduce"), &format!("{base}.fc1")));
                rules.push(rule(&format!("{name}.se.conv_expand"), &format!("{base}.fc2")));
            }
        }
    }
    rules
}
