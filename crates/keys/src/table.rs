//! One table: a struct whose keys know their defaults, ranges and meanings.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::bounds::{Bounds, Numbers};
use super::{Entries, Fault};

/// What there is to know of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it means.
    pub about: String,
    /// Its value where it is left out, as a recipe would have it; none for a key that must be given, or that is then
    /// as if it were not there.
    pub default: Option<String>,
    /// Whether it must be given.
    pub needed: bool,
    /// The range of its numbers.
    pub bounds: Option<Bounds>,
}

/// A struct made by [`table!`](crate::table).
pub trait Table: Sized {
    /// The kind that it is, as written in recipes.
    const NAME: &'static str;

    /// What it is.
    fn about() -> String;

    /// Its keys in their order.
    fn keys() -> Vec<Key>;

    /// Takes its keys out of `entries`, and leaves others there.
    ///
    /// # Errors
    /// A key that is missing, or a value of the wrong type.
    fn take(entries: &mut Entries) -> Result<Self, Fault>;

    /// Writes every key that has a value.
    ///
    /// # Errors
    /// Those of the serializer.
    fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Whether every number is in the range of its key.
    ///
    /// # Errors
    /// [`Problem::Value`](super::Problem::Value) for the first that is not.
    fn check_ranges(&self) -> Result<(), Fault>;
}

/// Whether the numbers of `key` are in their range.
///
/// # Errors
/// [`Problem::Value`](super::Problem::Value) for the first that is not.
pub fn check_range(key: &str, value: &dyn Numbers, bounds: Bounds) -> Result<(), Fault> {
    let numbers = value.numbers();
    match numbers.iter().enumerate().find(|(_, number)| !bounds.hold(**number)) {
        Some((place, number)) if numbers.len() > 1 => {
            Err(Fault::value(&format!("{key}[{place}]"), bounds.to_string(), number))
        }
        Some((_, number)) => Err(Fault::value(key, bounds.to_string(), number)),
        None => Ok(()),
    }
}

/// A value as a recipe has it; none where it is nothing.
pub fn shown(value: &impl Serialize) -> Option<String> {
    fn words(value: &toml::Value) -> String {
        match value {
            toml::Value::Float(number) if *number != 0.0 && number.abs() < 1e-2 => format!("{number:e}"),
            toml::Value::Array(list) => {
                format!("[{}]", list.iter().map(words).collect::<Vec<_>>().join(", "))
            }
            other => other.to_string(),
        }
    }
    toml::Value::try_from(value).ok().as_ref().map(words)
}

/// Makes a struct, public with all its fields, that is a [`Table`](crate::Table): after each key its type, then its
/// default (a key without one must be given), then the range of its numbers. A struct whose keys all have defaults is
/// `Default`. See the [crate](crate).
#[macro_export]
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident = $kind:literal {
            $($(#[doc = $doc:literal])* $key:ident: $type:ty = $default:expr $(, $bounds:expr)?;)*
        }
    ) => {
        $crate::__table! {
            [$($about)*] $name $kind { $([$($doc)*] $key [$type] [$default] [$($bounds)?])* }
        }
        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }
    };
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident = $kind:literal {
            $($(#[doc = $doc:literal])* $key:ident: $type:ty $(= $default:expr)? $(, $bounds:expr)?;)*
        }
    ) => {
        $crate::__table! {
            [$($about)*] $name $kind { $([$($doc)*] $key [$type] [$($default)?] [$($bounds)?])* }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    (
        [$($about:literal)*] $name:ident $kind:literal {
            $([$($doc:literal)*] $key:ident [$type:ty] [$($default:expr)?] [$($bounds:expr)?])*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $($(#[doc = $doc])* pub $key: $type,)*
        }

        impl $crate::Table for $name {
            const NAME: &'static str = $kind;

            fn about() -> ::std::string::String {
                ::core::concat!($($about),*).trim().to_owned()
            }

            fn keys() -> ::std::vec::Vec<$crate::Key> {
                ::std::vec![$($crate::__table!(@key $key [$($doc)*] [$type] [$($default)?] [$($bounds)?])),*]
            }

            #[allow(unused_variables)]
            fn take(
                entries: &mut $crate::Entries,
            ) -> ::core::result::Result<Self, $crate::Fault> {
                Ok(Self {
                    $($key: $crate::__table!(@take entries $kind $key [$($doc)*] [$type] [$($default)?]),)*
                })
            }

            #[allow(unused_variables)]
            fn write<M: $crate::private::serde::ser::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                $(if $crate::shown(&self.$key).is_some() {
                    map.serialize_entry(::core::stringify!($key), &self.$key)?;
                })*
                Ok(())
            }

            fn check_ranges(&self) -> ::core::result::Result<(), $crate::Fault> {
                $($(
                    $crate::check_range(::core::stringify!($key), &self.$key, $bounds)?;
                )?)*
                Ok(())
            }
        }
    };
    (@key $key:ident [$($doc:literal)*] [$type:ty] [$($default:expr)?] [$($bounds:expr)?]) => {{
        #[allow(unused_mut, unused_assignments)]
        let (mut default, mut needed, mut bounds) = (None, true, None);
        $(
            let value: $type = $default;
            (default, needed) = ($crate::shown(&value), false);
        )?
        $(bounds = Some($bounds);)?
        $crate::Key {
            name: ::core::stringify!($key),
            about: ::core::concat!($($doc),*).trim().to_owned(),
            default,
            needed,
            bounds,
        }
    }};
    (@take $entries:ident $kind:literal $key:ident [$($doc:literal)*] [$type:ty] [$default:expr]) => {
        $entries.take::<$type>(::core::stringify!($key))?.unwrap_or_else(|| $default)
    };
    (@take $entries:ident $kind:literal $key:ident [$($doc:literal)*] [$type:ty] []) => {
        $entries.need::<$type>(
            ::core::stringify!($key),
            ::core::concat!("`", $kind, "`"),
            ::core::concat!($($doc),*).trim(),
        )?
    };
}
