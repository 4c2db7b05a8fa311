//! The 2,048 check words: a beginning of 32 and an end of 64, easy to read aloud and hard to mishear, the same in every
//! language, so that two people who read the page in different languages can compare them.
//!
//! They are made, not found: none is a word of Norwegian or English, so none can hurt or say something about anybody.
//! That was checked against word lists of Bokmål, Nynorsk and British English, letters of one sound (c and k, w and v)
//! taken as one. Ends are not those of inflected words, none has a sound like another's with a voice (b and p, d and
//! t), and no letter changes its sound before a vowel (*gi*, *ki*).

const BEGINNINGS: [&str; 32] = [
    "be", "bi", "di", "du", "go", "gu", "hi", "ja", "je", "ji", "jo", "la", "le", "li", "lo", "ma", "ne",
    "ni", "no", "nu", "ri", "ru", "sa", "se", "si", "so", "ta", "te", "va", "ve", "vo", "vu",
];
const ENDS: [&str; 64] = [
    "bab", "baf", "bam", "beb", "bef", "bem", "bif", "bim", "buf", "fab", "fif", "fof", "fub", "hab", "haf",
    "heb", "hef", "hif", "huf", "jaf", "jeb", "jef", "jem", "jif", "jof", "jom", "jub", "juf", "jum", "laf",
    "leb", "lif", "lub", "luf", "neb", "nef", "nim", "nob", "nuf", "reb", "rof", "rog", "ruf", "sab", "sib",
    "sif", "sof", "taf", "teb", "tef", "tib", "tif", "tob", "tof", "tuf", "vam", "veb", "vem", "vib", "vig",
    "vob", "vuf", "vug", "vum",
];

/// The word with this number; only the lowest eleven bits are read.
pub(crate) fn word(number: u16) -> String {
    let beginning = BEGINNINGS.get(usize::from(number >> 6) % BEGINNINGS.len()).copied().unwrap_or_default();
    let end = ENDS.get(usize::from(number) % ENDS.len()).copied().unwrap_or_default();
    [beginning, end].concat()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Words of Norwegian or English that an earlier table made.
    const ONCE: &str = "babel baden bagen baken balis banal banor baren baron basal basen basil baten bator bebor beden \
         befal begun belem bemal betal beten betor beven bobin boden bodil bogen boken bokor bolor bonum \
         bopel boren boron bosor boten buden bugen buken bulor bunor buren busen buven dagen damen damor \
         daren dator difor dimen disen dogen domen donor doren dosen doten doven fabel fanor faren fasen \
         fasil fatal fegen felor fenor feral feren fesen fetal feten fokal foken fokor foren forum fosen \
         foten gagen galan gamal garen gasen gaten gator gatun gaven godal goden golan gonor gopel goren \
         gosen gosor goten gotor goven govor hagen haken hakor hamen hanor haren hasen hatal haven higen \
         hiken himen himor hiren hiten hiven joden joren jotun kabal kabel kabin kagen kaken kakor kanal \
         kanel kanor karen kasen katen kaven kiken kimen kipor kisen kital kiven kodal koden kodor koken \
         kokor kolor komen komor konor kopal koral kosen kosor koten kotor koven label laden lagen laken \
         lamen lapel laren lasen laten laval laven libel liden liken likor limen linor liren lirum lisen \
         lisor liten lival liven loden logen logor lokal loken lomen loren losen loten loven mabel magen \
         maken malis manor maren masen maten maven migen mikal milan milor mimen minim minor miren misen \
         miten modal moden mogen mokor moral moren moron mosen moten motor naken nasal nasen natal naten \
         naval nobel nodal noden nogen noken nokor nolan nomen norum nosen noten noven palor panel papal \
         paven piken pinor pipor piren piril pirum pisen rabal rabin raden ragen raken rakor ramen rasen \
         raten raval raven robin rodal roden rodor roken romen roren rosen rosor roten rotor roven rovor \
         sabel sabin safen sagen saken salem samen sator saven tidal tiden tiken timen timor tinor tiren \
         tital titen titor";

    fn words() -> BTreeSet<String> {
        (0..2_048).map(word).collect()
    }

    #[test]
    fn every_number_has_a_word_of_its_own() {
        let words = words();
        assert_eq!(words.len(), 2_048);
        assert!(words.iter().all(|word| word.len() == 5));
    }

    #[test]
    fn no_word_that_means_something_comes_back() {
        let words = words();
        let back: Vec<&str> = ONCE.split_whitespace().filter(|word| words.contains(*word)).collect();
        assert_eq!(back, [""; 0]);
        assert!(ONCE.contains("moren") && ONCE.contains("fatal"));
    }

    #[test]
    fn no_two_parts_differ_by_voice_alone() {
        let heard = |part: &&str| -> String {
            part.chars()
                .map(|letter| match letter {
                    'p' => 'b',
                    't' => 'd',
                    'k' => 'g',
                    'v' => 'f',
                    'n' => 'm',
                    other => other,
                })
                .collect()
        };
        assert_eq!(BEGINNINGS.iter().map(heard).collect::<BTreeSet<_>>().len(), BEGINNINGS.len());
        assert_eq!(ENDS.iter().map(heard).collect::<BTreeSet<_>>().len(), ENDS.len());
    }
}
