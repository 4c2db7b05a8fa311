//! A map of a few entries: a list that is searched from the front.
//!
//! Nothing here ever holds more than some dozens, and this module is loaded by phones: each kind of tree map would
//! cost more bytes than all that is done with it.

/// A map of a few entries, in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct Few<K, V>(Vec<(K, V)>);

impl<K, V> Default for Few<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: PartialEq + Copy, V> Few<K, V> {
    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.0.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.0.iter_mut().find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, key: K) -> bool {
        self.get(key).is_some()
    }

    /// Sets a value, in the place of an older one.
    pub(crate) fn set(&mut self, key: K, value: V) {
        match self.get_mut(key) {
            Some(old) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    pub(crate) fn keep(&mut self, wanted: impl Fn(K, &V) -> bool) {
        self.0.retain(|(key, value)| wanted(*key, value));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}
