//! The SSDA903 return: its two files chosen and told apart here, read by the store, its proposals decided.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lac_import::{ReturnPart, read_bounded};
use lac_wire::{CareDecision, CareProposal, CareReturn, DecideCareProposals, Page, PageQuery, PastCareReturn};
use lac_wire::{PAGE_LIMIT, ReadCareReturn};
use reqwest::Method;

use super::files::{checked_up_to, computed, name_of};
use crate::App;
use crate::host::Host;
use crate::view::*;

/// The biggest of the two files that is taken, in bytes: that of a large authority is under 1 MB.
const MOST_BYTES: u64 = 20_000_000;

impl<H: Host> App<H> {
    /// Lets the person choose a file of a return; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be taken, or is neither of the two files, with a sentence that says why.
    pub async fn choose_care_return_file(&self, account: AccountId, _: ()) -> Result<Option<CareReturnFile>, Problem> {
        self.account(account)?;
        match self.host.choose_file("Choose a file of the SSDA903 return").await {
            Some(path) => look(&path.to_string_lossy()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks at a file that was dropped on the window: which of the two it is, told by its headings.
    ///
    /// # Errors
    /// When it cannot be taken, or is neither of the two files, with a sentence that says why.
    pub async fn look_at_care_return_file(
        &self,
        account: AccountId,
        request: CareReturnPath,
    ) -> Result<CareReturnFile, Problem> {
        self.account(account)?;
        look(&request.path).await
    }

    /// Has the store read a return. No pupil is changed by that: its proposals wait for a person.
    ///
    /// # Errors
    /// When a file cannot be taken, or the store refuses or cannot be reached.
    pub async fn read_care_return(&self, account: AccountId, request: ReadReturn) -> Result<CareReturn, Problem> {
        let open = self.opened(account)?;
        let asked = ReadCareReturn {
            as_at: request.as_at,
            header: in_base64(&request.header).await?.into(),
            episodes: in_base64(&request.episodes).await?.into(),
        };
        open.ask(open.api.change_slowly(Method::POST, "/v1/care-returns", &asked))
            .await
    }

    /// A page of the returns that were read, the newest first.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_care_returns(&self, account: AccountId, request: After) -> Result<Page<PastCareReturn>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/care-returns", &page(request, 20))).await
    }

    /// A page of the proposals that wait for a person.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_care_proposals(&self, account: AccountId, request: After) -> Result<Page<CareProposal>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/care-proposals", &page(request, PAGE_LIMIT)))
            .await
    }

    /// Does what proposals say, or lets them go.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn decide_care_proposals(
        &self,
        account: AccountId,
        request: DecideCareProposals,
    ) -> Result<CareDecision, Problem> {
        let open = self.opened(account)?;
        let path = "/v1/care-proposals/decisions";
        open.ask(open.api.change_slowly(Method::POST, path, &request)).await
    }
}

fn page(request: After, limit: u32) -> PageQuery {
    PageQuery {
        after: request.after,
        limit: Some(limit),
    }
}

async fn bytes_of(path: &str) -> Result<(String, Vec<u8>), Problem> {
    let path = checked_up_to(path, MOST_BYTES).await?;
    let name = name_of(&path);
    let bytes = computed(move || read_bounded(std::fs::File::open(&path)?)).await?;
    Ok((name, bytes))
}

async fn look(path: &str) -> Result<CareReturnFile, Problem> {
    let (name, bytes) = bytes_of(path).await?;
    let (part, rows) = computed(move || ReturnPart::of(&bytes)).await?;
    Ok(CareReturnFile {
        path: path.to_owned(),
        name,
        part,
        rows,
    })
}

async fn in_base64(path: &str) -> Result<String, Problem> {
    let (_, bytes) = bytes_of(path).await?;
    computed(move || Ok(STANDARD.encode(bytes))).await
}
