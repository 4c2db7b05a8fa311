//! Arrays as serde writes them, one after the other without a length, but read by one loop for all lengths: serde's
//! own reader is written out anew for each, and the page carries them all.

use core::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes an array; for `#[serde(with = "crate::fixed")]`.
pub(crate) fn serialize<S, T, const N: usize>(array: &[T; N], to: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    T: Serialize,
{
    let mut tuple = to.serialize_tuple(N)?;
    for item in array {
        tuple.serialize_element(item)?;
    }
    tuple.end()
}

/// Reads an array.
pub(crate) fn deserialize<'de, D, T, const N: usize>(from: D) -> Result<[T; N], D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Copy + Default,
{
    let mut array = [T::default(); N];
    from.deserialize_tuple(N, Filled(&mut array))?;
    Ok(array)
}

/// What is to be filled, whatever its length.
struct Filled<'a, T>(&'a mut [T]);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Filled<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<(), A::Error> {
        for (index, item) in self.0.iter_mut().enumerate() {
            *item = from.next_element()?.ok_or_else(|| A::Error::invalid_length(index, &"a longer array"))?;
        }
        Ok(())
    }
}
