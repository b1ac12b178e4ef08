//! Setting Barsetshire up over HTTP.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use lac_domain::{Capacity, EnrolmentKind, EstablishmentId, PupilId, UserId};
use lac_wire::{
    AddPupil, AddUser, CarePeriodEntry, EnrolmentEntry, Establishment, LinkEntry, Page, Private, Pupil, Recipient,
    User, UserEntry,
};

use super::{LA_STAFF, PUPILS, Session, TEACHERS};
use crate::support::{Outcome, Trouble};

/// The password that everyone in Barsetshire chose.
pub const PASSWORD: &str = "gorse-lantern-Tuesday-42";

/// The one-time code in a text: letters and digits in groups joined by hyphens.
#[must_use]
pub fn code_in(text: &str) -> Option<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
        .find(|word| {
            word.matches('-').count() >= 3
                && word.split('-').all(|group| {
                    group.len() >= 4 && group.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                })
        })
        .map(ToOwned::to_owned)
}

/// The authority, set up.
pub struct Barsetshire {
    /// Where the store is reached.
    pub base: String,
    /// Where it leaves its mails.
    pub mails: PathBuf,
    /// The Virtual School Head, signed in.
    pub head: Session,
    /// Users by e-mail address.
    pub users: HashMap<&'static str, UserId>,
    /// Establishments by URN.
    pub establishments: HashMap<String, EstablishmentId>,
    /// Pupils by first name.
    pub pupils: HashMap<&'static str, PupilId>,
}

impl Barsetshire {
    /// Sets the authority up in a store that has its establishments and nothing else but the invitation of its
    /// head: users, pupils, some conversations.
    ///
    /// # Errors
    /// When the store refuses something, with its reason.
    pub async fn found(base: &str, mails: &Path, first_code: &str) -> Outcome<Self> {
        let head = Session::take_up(base, first_code).await?;
        let page: Page<Establishment> = head.get("/v1/establishments?limit=200").await?;
        let establishments = page
            .rows
            .into_iter()
            .filter_map(|e| Some((e.urn?.as_str().to_owned(), e.id)))
            .collect();
        let mut barsetshire = Self {
            base: base.to_owned(),
            mails: mails.to_owned(),
            users: HashMap::from([(LA_STAFF[0].email, head.me)]),
            head,
            establishments,
            pupils: HashMap::new(),
        };
        barsetshire.add_users().await?;
        barsetshire.add_pupils().await?;
        barsetshire.converse().await?;
        Ok(barsetshire)
    }

    /// The invitation that was mailed to someone last.
    ///
    /// # Errors
    /// When there is none.
    pub fn invitation(&self, email: &str) -> Outcome<String> {
        invitation_in(&self.mails, email)
    }

    /// Takes up the invitation that was mailed to someone.
    ///
    /// # Errors
    /// When there is none, or the store refuses it.
    pub async fn sign_in(&self, email: &str) -> Outcome<Session> {
        Session::take_up(&self.base, &self.invitation(email)?).await
    }

    /// The establishment of a URN.
    ///
    /// # Errors
    /// When there is none.
    pub fn establishment(&self, urn: &str) -> Outcome<EstablishmentId> {
        self.establishments
            .get(urn)
            .copied()
            .ok_or_else(|| Trouble::new(format!("no establishment {urn}")))
    }

    async fn add_users(&mut self) -> Outcome {
        for person in &LA_STAFF[1..] {
            let entry = entry(
                person.role,
                person.first,
                person.last,
                person.job,
                person.email,
                Vec::new(),
            );
            self.add_user(person.email, entry).await?;
        }
        for teacher in TEACHERS {
            let links = teacher
                .urns
                .iter()
                .map(|urn| {
                    let establishment_id = self.establishment(urn)?;
                    let capacity = Capacity::DesignatedTeacher;
                    Ok(LinkEntry {
                        id: None,
                        establishment_id,
                        capacity,
                        start: None,
                        end: None,
                    })
                })
                .collect::<Outcome<Vec<_>>>()?;
            let role = lac_domain::Role::DesignatedTeacher;
            let entry = entry(
                role,
                teacher.first,
                teacher.last,
                "Designated Teacher",
                teacher.email,
                links,
            );
            self.add_user(teacher.email, entry).await?;
        }
        Ok(())
    }

    async fn add_user(&mut self, email: &'static str, entry: UserEntry) -> Outcome {
        let user: User = self
            .head
            .post(
                "/v1/users",
                &AddUser {
                    entry,
                    link_later: false,
                    invite: true,
                },
            )
            .await?;
        self.users.insert(email, user.id);
        Ok(())
    }

    async fn add_pupils(&mut self) -> Outcome {
        let day = |text: &str| text.parse().map_err(Trouble::during("a date of Barsetshire"));
        for (first, last, born, upn, urn, care) in PUPILS {
            let care = day(care)?;
            let request = AddPupil {
                legal_first_name: (*first).into(),
                legal_last_name: (*last).into(),
                known_as: Private::default(),
                born: day(born)?,
                upn: Some(lac_domain::Upn::parse(upn).map_err(Trouble::during("a UPN of Barsetshire"))?),
                reference: None,
                care_periods: vec![CarePeriodEntry {
                    start: care,
                    end: None,
                    end_reason: None,
                }],
                enrolments: vec![EnrolmentEntry {
                    establishment_id: self.establishment(urn)?,
                    kind: EnrolmentKind::Main,
                    start: day("2026-09-02")?,
                    end: None,
                    visible_from: None,
                }],
                held_from_schools_until: None,
            };
            let pupil: Pupil = self.head.post("/v1/pupils", &request).await?;
            self.pupils.insert(first, pupil.id);
        }
        Ok(())
    }

    async fn converse(&self) -> Outcome {
        let helen = self.sign_in("helen.okafor@example.org").await?;
        let daniel = self.sign_in("daniel.pryce@example.org").await?;
        let grace = self.sign_in("grace.adu@example.org").await?;
        let pupil = |name: &str| self.pupils.get(name).copied();
        let to = |email: &str| -> Outcome<Recipient> {
            let id = self
                .users
                .get(email)
                .copied()
                .ok_or_else(|| Trouble::new(format!("no user {email}")))?;
            Ok(Recipient::User { id })
        };

        let reading = helen
            .start(
                vec![Recipient::VirtualSchool],
                pupil("Tom"),
                "Reading support this half term",
                "Tom has joined the small reading group on Tuesdays and Thursdays. He is enjoying it, and asked to \
                 take a second book home. Could we use some of the pupil premium for a set of the same series?",
            )
            .await?;
        grace
            .reply(
                reading,
                "That is good to hear. Yes, please put it in his PEP with the cost, and I will approve it this week.",
            )
            .await?;
        let dates = self
            .head
            .start(
                vec![
                    to("helen.okafor@example.org")?,
                    to("daniel.pryce@example.org")?,
                    to("grace.adu@example.org")?,
                ],
                None,
                "Designated Teacher network meeting, 3 December",
                "The next network meeting is on Thursday 3 December, 3.45 pm to 5 pm, online. We will look at the new \
                 PEP form together. Please tell me if you can't come.",
            )
            .await?;
        daniel
            .reply(
                dates,
                "I will be there. Could we have ten minutes on attendance codes as well?",
            )
            .await?;
        daniel
            .start(
                vec![to("grace.adu@example.org")?, Recipient::VirtualSchool],
                pupil("Callum"),
                "Attendance since half term",
                "Callum's attendance has dropped to 84% since half term, mostly Mondays. We have spoken to his carer \
                 and agreed a start at 9.30 on Mondays for three weeks. I will write again on 14 December.",
            )
            .await?;
        grace
            .start(
                vec![to("helen.okafor@example.org")?],
                pupil("Ava"),
                "Date for Ava's PEP review",
                "Would Wednesday 2 December at 2 pm suit you for Ava's review? Her social worker can come then.",
            )
            .await?;
        Ok(())
    }
}

/// The invitation that was mailed to someone last, in a folder of mails.
///
/// # Errors
/// When there is none.
pub fn invitation_in(mails: &Path, email: &str) -> Outcome<String> {
    let mut found: Vec<(std::time::SystemTime, String)> = Vec::new();
    for entry in std::fs::read_dir(mails)? {
        let entry = entry?;
        let text = std::fs::read_to_string(entry.path())?;
        let addressed = text.lines().any(|line| line.starts_with("To:") && line.contains(email));
        if let (true, Some(code)) = (addressed, code_in(&text)) {
            found.push((entry.metadata()?.modified()?, code));
        }
    }
    found
        .into_iter()
        .max()
        .map(|(_, code)| code)
        .ok_or_else(|| Trouble::new(format!("no invitation for {email}")))
}

fn entry(role: lac_domain::Role, first: &str, last: &str, job: &str, email: &str, links: Vec<LinkEntry>) -> UserEntry {
    UserEntry {
        role,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        job_title: job.to_owned(),
        email: email.to_owned(),
        phone: String::new(),
        links,
    }
}
