//! The picture mode for small children: what an adult leads through, step by step, and the pictures to answer with.
//!
//! Words and drawings stand in the page; which step is meant goes under the seal (`protocol::content::Lead`), and so
//! does the answer. Nothing of either is kept anywhere.

/// One step.
pub(crate) struct Step {
    /// Its number in [`protocol::content::Lead`].
    pub(crate) number: u8,
    /// How it is called in the keys of its words and the names of its drawings.
    name: &'static str,
    /// How many pictures there are to answer with.
    pub(crate) pictures: u8,
}

/// Every step, in the order in which an hour usually goes; the adult leaves out and goes back as it suits the child.
pub(crate) const STEPS: [Step; 7] = [
    Step { number: 2, name: "hello", pictures: 0 },
    Step { number: 3, name: "feeling", pictures: 5 },
    Step { number: 4, name: "body", pictures: 4 },
    Step { number: 5, name: "size", pictures: 4 },
    Step { number: 6, name: "draw", pictures: 0 },
    Step { number: 7, name: "break", pictures: 0 },
    Step { number: 8, name: "bye", pictures: 0 },
];

impl Step {
    /// The key of a text about it: what the adult calls it (`name`), what the child is asked (`asks`).
    pub(crate) fn key(&self, what: &str) -> String {
        format!("meeting-{}-{what}", self.name)
    }

    /// The key of what a picture is called.
    pub(crate) fn answer(&self, picture: &u8) -> String {
        format!("meeting-{}-{picture}", self.name)
    }

    /// The file of its drawing.
    pub(crate) fn drawing(&self) -> String {
        format!("{}.svg", self.name)
    }

    /// The file of a picture.
    pub(crate) fn picture(&self, picture: &u8) -> String {
        format!("{}-{picture}.svg", self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use protocol::content::Lead;

    use super::*;
    use crate::i18n::exists;

    #[test]
    fn the_steps_are_those_of_the_seal_each_once() {
        let numbers: Vec<u8> = STEPS.iter().map(|step| step.number).collect();
        let known: Vec<u8> = (0..=u8::MAX).filter(|number| Lead(*number).is_step()).collect();
        assert_eq!(numbers, known);
    }

    #[test]
    fn every_step_has_its_words_and_drawings() {
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/img");
        for step in &STEPS {
            assert!(exists(&step.key("name")) && exists(&step.key("asks")), "{}", step.name);
            assert!(images.join(step.drawing()).exists(), "{}", step.drawing());
            for picture in 1..=step.pictures {
                assert!(exists(&step.answer(&picture)), "{}", step.answer(&picture));
                assert!(images.join(step.picture(&picture)).exists(), "{}", step.picture(&picture));
            }
        }
    }
}
