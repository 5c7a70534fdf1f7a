//! Lists in sentences.

/// More names than this are folded.
const MOST_NAMES: usize = 10;

/// Names for a sentence: all of them up to ten, else the first ten and how many there are beside.
///
/// ```
/// use brasa_data::name_list;
///
/// assert_eq!(name_list(["cat", "dog"]), "cat, dog");
/// let classes: Vec<String> = (0..632).map(|class| format!("c{class}")).collect();
/// assert_eq!(name_list(&classes), "c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ... and 622 more");
/// ```
pub fn name_list<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let mut names = names.into_iter();
    let first: Vec<S> = names.by_ref().take(MOST_NAMES).collect();
    let list = first.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => list,
        more => format!("{list}, ... and {more} more"),
    }
}
