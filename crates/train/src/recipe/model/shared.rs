brasa_data::table! {
    /// Keys that every kind of network has.
    pub struct Shared = "model" {
        /// Shape of one sample, such as [1, 28, 28], needed only where the table of the data does not tell it, as for image
        /// files; checked against the data.
        input: Vec<usize> = vec![];
    }
}
