//! Pupils, from what this device holds.

use lac_wire::{PAGE_LIMIT, Page, Pupil, PupilFilter};

use crate::App;
use crate::failure::gone;
use crate::host::Host;
use crate::local::pupils::{self, PupilPlace};
use crate::local::words_of;
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of pupils, in order of the names that schools see.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn list_pupils(&self, account: AccountId, filter: PupilFilter) -> Result<Page<Pupil>, Problem> {
        let open = self.readable(account)?;
        let limit = filter.limit.unwrap_or(PAGE_LIMIT).clamp(1, PAGE_LIMIT);
        let typed = filter.search.unwrap_or_default();
        let prefixes: Vec<String> = words_of([typed.as_str()]).into_iter().collect();
        if prefixes.is_empty() && !typed.trim().is_empty() {
            return Ok(Page {
                rows: Vec::new(),
                after: None,
            });
        }
        let at = filter.establishment_id.map(|establishment| PupilPlace {
            establishment,
            today: open.computer.now().london_date(),
        });
        let mut conn = open.local.reader().await?;
        let after = filter.after.as_deref().and_then(|after| after.rsplit_once('~'));
        let after = after.and_then(|(sort_key, id)| Some((sort_key, id.parse().ok()?)));
        let mut found = pupils::find(&mut conn, &prefixes, at, after, i64::from(limit) + 1).await?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            found.pop();
        }
        let after = found
            .last()
            .filter(|_| more)
            .map(|(sort_key, pupil)| format!("{sort_key}~{}", pupil.id));
        Ok(Page {
            rows: found.into_iter().map(|(_, pupil)| pupil).collect(),
            after,
        })
    }

    /// One pupil. That the page was read is noted for the audit trail.
    ///
    /// # Errors
    /// When the pupil is not held, or what is held may not be read now.
    pub async fn get_pupil(&self, account: AccountId, request: PupilRef) -> Result<Pupil, Problem> {
        let open = self.readable(account)?;
        let pupil = pupils::get(&mut *open.local.reader().await?, request.id).await?;
        let pupil = pupil.ok_or_else(|| gone("This pupil's page"))?;
        crate::outbox::note_read(&open, pupil.id).await?;
        Ok(pupil)
    }
}
