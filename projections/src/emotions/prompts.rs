//! As whom people want to be answered.

use domain::AccountId;

use crate::reader::first;
use crate::value::values;
use crate::{ReadError, Reader, SealedColumn, statements};

statements! {
    PROMPT_OF = "SELECT prompt FROM emotion_prompts WHERE account = $1";
}

/// The prompt of an account, an `Option<String>`; none where it never set one.
pub async fn prompt_of(
    reader: &dyn Reader,
    account: AccountId,
) -> Result<Option<SealedColumn>, ReadError> {
    first(reader, PROMPT_OF, values![account], |row| row.get(0)).await
}
