//! Several tables of one place in a recipe, told apart by their key `kind`.

use super::fault::Problem;
use super::words::unknown_name;
use super::{Entries, Fault, Key, Table};

/// What there is to know of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct KindFacts {
    /// Its name in recipes.
    pub name: &'static str,
    /// What it is.
    pub about: String,
    /// Its keys.
    pub keys: Vec<Key>,
}

impl KindFacts {
    /// The facts of one.
    pub fn of<T: Table>() -> Self {
        Self { name: T::NAME, about: T::about(), keys: T::keys() }
    }
}

/// Takes the table of one kind; `shared` are keys that all `kinds` have.
///
/// # Errors
/// A key that the kind does not have, one that is missing, or a value of the wrong type.
pub fn take_kind<T: Table>(
    entries: &mut Entries,
    shared: &[&'static str],
    kinds: &[KindFacts],
) -> Result<T, Fault> {
    let own = T::keys().into_iter().map(|key| key.name);
    let has: Vec<&str> = own.chain(shared.iter().copied()).collect();
    entries.only(&format!("`{}`", T::NAME), &has).map_err(|mut fault| {
        if let Problem::Unknown { elsewhere, nearest, .. } = &mut *fault.problem {
            let having = |kind: &&KindFacts| kind.keys.iter().any(|key| key.name == fault.key);
            *elsewhere = kinds.iter().filter(having).map(|kind| kind.name).collect();
            if !elsewhere.is_empty() {
                *nearest = None;
            }
        }
        fault
    })?;
    T::take(entries)
}

/// That `name` is none of `kinds`; none was given where it is `None`.
pub fn no_such_kind(name: Option<&str>, kinds: &[KindFacts]) -> Fault {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
    match name {
        Some(name) => Fault::new("kind", unknown_name(name, &names)),
        None => {
            let what = format!("it needs the key `kind`: one of {}", names.join(", "));
            Fault::new("", Problem::Missing { what })
        }
    }
}

/// Makes an enum of [tables](crate::table), one line for each, that is read from and written as a flat table with a
/// `kind`. Its method `kind` gives what all have in common: the trait after the name, as visible as stands before it. See the [crate](crate).
#[macro_export]
macro_rules! kinds {
    (
        $(#[doc = $about:literal])*
        pub enum $name:ident: $seen:vis $common:path $(, default $default:ident)? {
            $($variant:ident($type:ty)),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $name {
            $(#[doc = ::core::concat!("[`", ::core::stringify!($type), "`].")] $variant($type),)*
        }

        impl $name {
            /// The name of its kind, as written in recipes.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => <$type as $crate::Table>::NAME,)*
                }
            }

            /// What there is to know of each kind.
            pub fn facts() -> ::std::vec::Vec<$crate::KindFacts> {
                ::std::vec![$($crate::KindFacts::of::<$type>()),*]
            }

            /// What all kinds have in common.
            $seen fn kind(&self) -> &dyn $common {
                match self {
                    $(Self::$variant(kind) => kind,)*
                }
            }

            /// Takes the table of the kind that the key `kind` names, or of the default one. Keys that are neither its
            /// own nor among the `shared` ones are refused.
            ///
            /// # Errors
            /// A kind or a key that does not exist, a key that is missing, or a value of the wrong type.
            pub fn take(
                entries: &mut $crate::Entries,
                shared: &[&'static str],
            ) -> ::core::result::Result<Self, $crate::Fault> {
                let kinds = Self::facts();
                #[allow(unused_mut, unused_assignments)]
                let mut default: Option<&str> = None;
                $(default = Some(Self::$default(::core::default::Default::default()).name());)?
                let given = entries.take::<::std::string::String>("kind")?;
                match given.as_deref().or(default) {
                    $(Some(name) if name == <$type as $crate::Table>::NAME => {
                        $crate::take_kind(entries, shared, &kinds).map(Self::$variant)
                    })*
                    other => Err($crate::no_such_kind(other, &kinds)),
                }
            }

            /// Whether every number is in the range of its key.
            ///
            /// # Errors
            /// The first that is not.
            pub fn check_ranges(&self) -> ::core::result::Result<(), $crate::Fault> {
                match self {
                    $(Self::$variant(kind) => $crate::Table::check_ranges(kind),)*
                }
            }

            /// Writes the key `kind` and those of the kind.
            ///
            /// # Errors
            /// Those of the serializer.
            pub fn write<M: $crate::private::serde::ser::SerializeMap>(
                &self,
                map: &mut M,
            ) -> ::core::result::Result<(), M::Error> {
                map.serialize_entry("kind", self.name())?;
                match self {
                    $(Self::$variant(kind) => $crate::Table::write(kind, map),)*
                }
            }
        }

        $(impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::$default(::core::default::Default::default())
            }
        })?

        $(impl ::core::convert::From<$type> for $name {
            fn from(kind: $type) -> Self {
                Self::$variant(kind)
            }
        })*

        impl $crate::private::serde::Serialize for $name {
            fn serialize<S: $crate::private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                self.write(&mut map)?;
                $crate::private::serde::ser::SerializeMap::end(map)
            }
        }

        impl<'de> $crate::private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let table = <$crate::private::toml::Table as
                    $crate::private::serde::Deserialize>::deserialize(deserializer)?;
                let mut entries = $crate::Entries::new(table);
                Self::take(&mut entries, &[]).map_err($crate::private::serde::de::Error::custom)
            }
        }
    };
}
