//! Pupils: lists and pages from what this device holds, records from the store.

use lac_domain::Upn;
use lac_domain::calendar::{VISIBLE_WORKING_DAYS_BEFORE, working_days_before};
use lac_wire::{
    AddPupil, EntitledUser, PAGE_LIMIT, Page, PageQuery, Pupil, PupilFilter, PupilNote, PupilRecord, RestrictedPupil,
    TimelineEntry,
};
use reqwest::Method;

use crate::App;
use crate::failure::gone;
use crate::host::Host;
use crate::local::pupil_lists::{self, PupilKey, PupilList};
use crate::local::{pupils, words_of};
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of pupils, in order of the names that schools see, those of the user's own focus list first; or by age.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn list_pupils(&self, account: AccountId, filter: PupilFilter) -> Result<Page<Pupil>, Problem> {
        let open = self.readable(account)?;
        let limit = usize::try_from(filter.limit.unwrap_or(PAGE_LIMIT).clamp(1, PAGE_LIMIT)).unwrap_or(1);
        let typed = filter.search.clone().unwrap_or_default();
        let prefixes: Vec<String> = words_of([typed.as_str()]).into_iter().collect();
        if prefixes.is_empty() && !typed.trim().is_empty() {
            return Ok(Page {
                rows: Vec::new(),
                after: None,
            });
        }
        let list = PupilList {
            filter: &filter,
            prefixes: &prefixes,
            today: open.computer.now().london_date(),
        };
        let mut conn = open.local.reader().await?;
        let after = filter.after.as_deref().and_then(PupilKey::read);
        let mut found = pupil_lists::list(&mut conn, &list, after, limit + 1).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let after = found.last().filter(|_| more).map(|(key, _)| key.text());
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

    /// The whole record of a pupil, for LA roles.
    ///
    /// # Errors
    /// When the pupil may not be seen, the role does not allow it, or the store cannot be reached.
    pub async fn get_pupil_record(&self, account: AccountId, request: PupilRef) -> Result<PupilRecord, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get(&request.path("record"), &())).await
    }

    /// Adds a pupil, once.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn add_pupil(&self, account: AccountId, request: AddPupil) -> Result<Pupil, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/pupils", &request)).await
    }

    /// Edits a pupil's record.
    ///
    /// # Errors
    /// When someone else changed it meanwhile, or the store refuses or cannot be reached.
    pub async fn edit_pupil(&self, account: AccountId, request: EditPupilRequest) -> Result<PupilRecord, Problem> {
        let path = format!("/v1/pupils/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, &path, &request.edit)).await
    }

    /// Adds, changes or removes one time in care.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_care(&self, account: AccountId, request: ChangeCareRequest) -> Result<PupilRecord, Problem> {
        let path = PupilRef { id: request.id }.path("care-periods");
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.change)).await
    }

    /// Adds, changes, ends or removes one enrolment, or cancels a move.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_enrolment(
        &self,
        account: AccountId,
        request: ChangeEnrolmentRequest,
    ) -> Result<PupilRecord, Problem> {
        let path = PupilRef { id: request.id }.path("enrolments");
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.change)).await
    }

    /// "End access now": the establishment that the pupil left no longer sees them.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn end_handover(&self, account: AccountId, request: PupilRef) -> Result<PupilRecord, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &request.path("handover/end"), &()))
            .await
    }

    /// Bars a user from a pupil, or takes the bar away.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_bar(&self, account: AccountId, request: ChangeBarRequest) -> Result<PupilRecord, Problem> {
        let path = PupilRef { id: request.id }.path("bars");
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.change)).await
    }

    /// Restricts a pupil to the users named, names others, or lifts the restriction.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_restriction(
        &self,
        account: AccountId,
        request: ChangeRestrictionRequest,
    ) -> Result<(), Problem> {
        let path = PupilRef { id: request.id }.path("restriction");
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, &path, &request.change)).await
    }

    /// Closes a pupil's record for good, because the child was adopted.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn close_for_adoption(
        &self,
        account: AccountId,
        request: CloseForAdoptionRequest,
    ) -> Result<(), Problem> {
        let path = PupilRef { id: request.id }.path("adoption");
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.close)).await
    }

    /// The restricted pupils, for LA Super Users: that they exist and whom they name.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_restricted_pupils(
        &self,
        account: AccountId,
        request: After,
    ) -> Result<Page<RestrictedPupil>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/restricted-pupils", &page_after(request.after)))
            .await
    }

    /// Who is entitled to a pupil today, and why.
    ///
    /// # Errors
    /// When the pupil may not be seen, the role does not allow it, or the store cannot be reached.
    pub async fn list_entitled(&self, account: AccountId, request: PupilPage) -> Result<Page<EntitledUser>, Problem> {
        let open = self.opened(account)?;
        let path = PupilRef { id: request.id }.path("entitled");
        open.ask(open.api.get(&path, &page_after(request.after))).await
    }

    /// The timeline of a pupil, the newest first.
    ///
    /// # Errors
    /// When the pupil may not be seen, the role does not allow it, or the store cannot be reached.
    pub async fn pupil_timeline(&self, account: AccountId, request: PupilPage) -> Result<Page<TimelineEntry>, Problem> {
        let open = self.opened(account)?;
        let path = PupilRef { id: request.id }.path("timeline");
        open.ask(open.api.get(&path, &page_after(request.after))).await
    }

    /// Who changed what on a pupil's record, the newest first.
    ///
    /// # Errors
    /// When the pupil may not be seen, the role does not allow it, or the store cannot be reached.
    pub async fn pupil_notes(&self, account: AccountId, request: PupilPage) -> Result<Page<PupilNote>, Problem> {
        let open = self.opened(account)?;
        let path = PupilRef { id: request.id }.path("notes");
        open.ask(open.api.get(&path, &page_after(request.after))).await
    }

    /// Judges a UPN as it is typed, on this device alone.
    ///
    /// # Errors
    /// None; what is wrong with the UPN is in the answer.
    pub async fn judge_upn(&self, request: UpnToJudge) -> Result<UpnJudgement, Problem> {
        self.unlocked()?;
        Ok(match Upn::parse(&request.text) {
            Err(error) => UpnJudgement {
                error: Some(error.to_string()),
                ..UpnJudgement::default()
            },
            Ok(upn) => UpnJudgement {
                warning: upn.warning(),
                temporary: upn.is_temporary(),
                upn: Some(upn),
                error: None,
            },
        })
    }

    /// From when an establishment sees the pupil of an enrolment that starts on a day, when nobody sets another.
    ///
    /// # Errors
    /// None.
    pub async fn visible_from(&self, request: EnrolmentStart) -> Result<VisibleFrom, Problem> {
        self.unlocked()?;
        let on = working_days_before(request.start, VISIBLE_WORKING_DAYS_BEFORE);
        Ok(VisibleFrom { on })
    }
}

impl PupilRef {
    /// The path of a part of the pupil's record.
    fn path(&self, part: &str) -> String {
        format!("/v1/pupils/{}/{part}", self.id)
    }
}

fn page_after(after: Option<String>) -> PageQuery {
    PageQuery { after, limit: None }
}
