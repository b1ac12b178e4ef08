//! Rating a password while it is being chosen. The store judges it again.

use zxcvbn::Score;
use zxcvbn::feedback::{Suggestion, Warning};

use crate::App;
use crate::host::Host;
use crate::view::*;

/// The fewest characters.
const LENGTH: usize = 12;
/// What more than this is cut to: rating takes long on long texts, and they are strong anyway.
const RATED: usize = 100;

impl<H: Host> App<H> {
    /// Rates a password while it is being chosen.
    ///
    /// # Errors
    /// When the rating could not be done at all.
    pub async fn rate_password(&self, request: PasswordToRate) -> Result<PasswordRating, Problem> {
        self.unlocked()?;
        let rated = tokio::task::spawn_blocking(move || rate(request.password.reveal(), &request.own_words)).await;
        rated.map_err(|error| {
            tracing::error!(%error, "a password could not be rated");
            Problem::local(
                LocalCode::Internal,
                "The password could not be rated. Go on, and the store will say whether it is strong enough.",
            )
        })
    }
}

fn rate(password: &str, own_words: &[String]) -> PasswordRating {
    let cut: String = password.chars().take(RATED).collect::<String>().to_lowercase();
    let left = without_own_words(&cut, own_words);
    let entropy = zxcvbn::zxcvbn(&left, &["secure messages", "virtual school", "teacher"]);
    let long_enough = password.chars().count() >= LENGTH;
    let strong_enough = entropy.score() >= Score::Three;
    let mut advice: Vec<&str> = Vec::new();
    if !password.is_empty() && !long_enough {
        advice.push("Use at least 12 characters.");
    }
    if !strong_enough {
        if left != cut {
            advice.push("Your own names and e-mail address are the first that others try: leave them out.");
        }
        if let Some(feedback) = entropy.feedback() {
            advice.extend(feedback.warning().map(warned));
            advice.extend(feedback.suggestions().first().copied().map(suggested));
        }
        if advice.is_empty() {
            advice.push("Three or four words that do not belong together make a good password.");
        }
    }
    PasswordRating {
        long_enough,
        strong_enough,
        score: u8::from(entropy.score()),
        advice: advice.join(" "),
    }
}

/// What is left when the person's own words are taken out, as the store does it: two of them in a row look hard to
/// guess, and are not.
fn without_own_words(password: &str, own_words: &[String]) -> String {
    let mut words: Vec<String> = own_words
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([text.as_str()]))
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
        .iter()
        .fold(password.to_owned(), |left, word| left.replace(word.as_str(), ""))
}

fn warned(warning: Warning) -> &'static str {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            "Keys that lie beside each other are easy to guess."
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            "Letters or words that repeat are easy to guess."
        }
        Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
            "Many people use this password."
        }
        Warning::ThisIsSimilarToACommonlyUsedPassword => "This is much like a password that many people use.",
        Warning::SequencesLikeAbcAreEasyToGuess => "Runs such as abc or 6543 are easy to guess.",
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => "Years and dates are easy to guess.",
        Warning::AWordByItselfIsEasyToGuess => "A word by itself is easy to guess.",
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            "Names are easy to guess."
        }
    }
}

fn suggested(suggestion: Suggestion) -> &'static str {
    match suggestion {
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou
        | Suggestion::AvoidRecentYears
        | Suggestion::AvoidYearsThatAreAssociatedWithYou => "Leave out years and dates that have to do with you.",
        Suggestion::AvoidRepeatedWordsAndCharacters => "Leave out what repeats.",
        Suggestion::AvoidSequences => "Leave out runs of letters and digits.",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "Use words rather than keys that lie beside each other.",
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase
        | Suggestion::ReversedWordsArentMuchHarderToGuess
        | Suggestion::PredictableSubstitutionsDontHelpVeryMuch
        | Suggestion::UseAFewWordsAvoidCommonPhrases
        | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
        | Suggestion::AddAnotherWordOrTwo => {
            "Add another word or two; capitals, digits and symbols help less than words."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_rated_by_length_and_by_how_hard_they_are_to_guess() {
        let own = ["Priya Shah".to_owned(), "priya.shah@example.org".to_owned()];
        let empty = rate("", &own);
        assert!(!empty.long_enough && !empty.strong_enough && !empty.advice.is_empty());
        let short = rate("kelp-9-Zxq", &own);
        assert!(!short.long_enough && short.advice.contains("12 characters"));
        for weak in [
            "password1234",
            "aaaaaaaaaaaaaaa",
            "priya-shah-12",
            "virtualschool",
            "qwertyuiop12",
        ] {
            let rating = rate(weak, &own);
            assert!(
                rating.long_enough && !rating.strong_enough && !rating.advice.is_empty(),
                "{weak}: {rating:?}"
            );
        }
        let good = rate("kettle-marsh-violin-44", &own);
        assert!(
            good.long_enough && good.strong_enough && good.advice.is_empty(),
            "{good:?}"
        );
        assert!(rate(&"ab c".repeat(5000), &own).long_enough);
    }
}
