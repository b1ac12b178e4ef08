//! Why a user sees pupils: the rule asked again, with the facts that it rests on.

use chrono::NaiveDate;
use lac_domain::access::{Entitlement, PupilFacts, UserFacts, entitlement};
use lac_domain::{PupilId, UserId};

use super::facts::{self, Which};
use crate::error::StoreError;
use crate::settings;
use crate::storage::Conn;

/// What the rule says of a user and some pupils.
pub(crate) struct Explained {
    /// The user as the rule knows them.
    pub user: UserFacts,
    /// Each pupil whom they see, what they are entitled to, and the first day after a handover where that is why.
    pub pupils: Vec<(PupilFacts, Entitlement, Option<NaiveDate>)>,
}

/// Asks the rule about a user and some pupils; none for LA roles, who see pupils for one reason alone.
///
/// # Errors
/// When the database fails.
pub(crate) async fn explain(
    conn: &mut Conn,
    user: UserId,
    pupils: &[PupilId],
    today: NaiveDate,
) -> Result<Option<Explained>, StoreError> {
    let calendar = settings::load(conn).await?.calendar;
    let users = facts::users(conn, &Which::These(vec![user])).await?;
    let Some(user) = users.into_iter().next() else {
        return Ok(None);
    };
    let pupils = facts::pupils(conn, &Which::These(pupils.to_vec())).await?;
    let explained = pupils
        .into_iter()
        .filter_map(|pupil| {
            let entitlement = entitlement(&user, &pupil, today, &calendar)?;
            let until = pupil.handover(today, &calendar).map(|(_, until)| until);
            Some((pupil, entitlement, until))
        })
        .collect();
    Ok(Some(Explained {
        user,
        pupils: explained,
    }))
}
