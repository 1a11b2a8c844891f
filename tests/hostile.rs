//! Files that are broken, lie about themselves or are no files: always a sentence, never a
//! panic, never a wait.
