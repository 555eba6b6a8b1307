//! JSON values that are never wrong, only empty: what advisories hold is written by people and tools of all kinds.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, borrowed where it has no escapes; empty when the value is something else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

/// An array; empty when the value is something else.
#[derive(Debug)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

/// An object; the default when the value is something else.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

/// A number, also when written as a string.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Number(pub(crate) Option<f64>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What a value of an unexpected kind becomes: read to its end, so that the rest of the document stays in step.
macro_rules! ignore_scalars {
    ($value:ty, $default:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($default)
        }
        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($default)
        }
    };
}
macro_rules! ignore_numbers {
    ($value:ty, $default:expr) => {
        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($default)
        }
        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok($default)
        }
        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($default)
        }
    };
}
macro_rules! ignore_text {
    ($value:ty, $default:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($default)
        }
    };
}
macro_rules! ignore_sequences {
    ($value:ty, $default:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<$value, A::Error> {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            Ok($default)
        }
    };
}
macro_rules! ignore_maps {
    ($value:ty, $default:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<$value, A::Error> {
            while items.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($default)
        }
    };
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(number.to_string())))
    }
    ignore_scalars!(Text<'de>, Text::default());
    ignore_sequences!(Text<'de>, Text::default());
    ignore_maps!(Text<'de>, Text::default());
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(TextVisitor)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<Number, E> {
        Ok(Number(text.trim().parse().ok()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(number.to_string().parse().ok()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(number.to_string().parse().ok()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }
    ignore_scalars!(Number, Number(None));
    ignore_sequences!(Number, Number(None));
    ignore_maps!(Number, Number(None));
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(NumberVisitor)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(List(list))
    }
    ignore_scalars!(List<T>, List::default());
    ignore_numbers!(List<T>, List::default());
    ignore_text!(List<T>, List::default());
    ignore_maps!(List<T>, List::default());
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object)
    }
    ignore_scalars!(Object<T>, Object::default());
    ignore_numbers!(Object<T>, Object::default());
    ignore_text!(Object<T>, Object::default());
    ignore_sequences!(Object<T>, Object::default());
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ObjectVisitor(PhantomData))
    }
}
