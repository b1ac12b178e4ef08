//! The application's state, its settings, and getting in and out.

use lac_wire::{ConfirmPassword, Invitation, LookAtInvitation};
use reqwest::Method;

use crate::App;
use crate::account::State;
use crate::api::{Address, Api};
use crate::app::Entry;
use crate::host::Host;
use crate::view::*;
use crate::whole_file::write_json;

impl<H: Host> App<H> {
    /// Everything that the page needs before it shows its first screen.
    ///
    /// # Errors
    /// None so far.
    pub async fn app_state(&self, _: ()) -> Result<AppState, Problem> {
        let mut accounts = Vec::new();
        for account in self.accounts() {
            accounts.push(account.view().await);
        }
        let settings = Settings {
            start_with_system: self.host.starts_with_system(),
            ..self.computer.settings()
        };
        Ok(AppState {
            version: self.host.version(),
            profile: self.host.profile(),
            store_address: self.host.store_address(),
            accounts,
            settings,
        })
    }

    /// Keeps the settings of this device.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn save_settings(&self, settings: Settings) -> Result<(), Problem> {
        self.unlocked()?;
        if settings.start_with_system != self.host.starts_with_system()
            && let Err(error) = self.host.start_with_system(settings.start_with_system)
        {
            tracing::error!(%error, "the system did not take whether the application starts with it");
            return Err(Problem::local(
                LocalCode::File,
                "This computer does not let the application choose whether it starts with the system. Ask your IT support.",
            ));
        }
        let file = self.settings_file();
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(crate::failure::Failure::File)?;
        }
        write_json(&file, &settings).await?;
        self.computer.set_settings(settings);
        // Quiet hours may be over by what is said now.
        for account in self.accounts() {
            if let State::Open(open) = account.state() {
                open.ring.notify_one();
            }
        }
        Ok(())
    }

    /// Asks whether there is a store at an address.
    ///
    /// # Errors
    /// When there is none, or it cannot be reached or talked to.
    pub async fn look_at_store(&self, request: StoreAddress) -> Result<StoreView, Problem> {
        self.unlocked()?;
        let api = Api::new(Address::parse(&request.address)?, &self.computer)?;
        let about = api.about().await?;
        Ok(StoreView {
            address: api.address().as_str().to_owned(),
            authority_name: about.authority_name,
        })
    }

    /// Asks whom an invitation is for.
    ///
    /// # Errors
    /// When its code is unknown, used or expired, or the store cannot be reached.
    pub async fn look_at_invitation(&self, request: InvitationCode) -> Result<Invitation, Problem> {
        self.unlocked()?;
        let api = Api::new(Address::parse(&request.address)?, &self.computer)?;
        api.about().await?;
        Ok(api
            .change(
                Method::POST,
                "/v1/invitations/look",
                &LookAtInvitation { code: request.code },
            )
            .await?)
    }

    /// Takes up an invitation, and makes the account on this device.
    ///
    /// # Errors
    /// When the store refuses, or this device cannot keep the account.
    pub async fn take_up_invitation(&self, request: TakeUpInvitation) -> Result<AccountId, Problem> {
        self.unlocked()?;
        self.enter(
            &request.address,
            Entry::Invitation {
                code: request.code,
                password: request.password,
                second_factor: request.second_factor,
            },
        )
        .await
    }

    /// Signs in, making the account on this device, or opening the one that is here.
    ///
    /// # Errors
    /// When the store refuses, or this device cannot keep the account.
    pub async fn sign_in(&self, request: SignInHere) -> Result<AccountId, Problem> {
        self.unlocked()?;
        self.enter(
            &request.address,
            Entry::SignIn {
                email: request.email,
                password: request.password,
                second_factor: request.second_factor,
            },
        )
        .await
    }

    /// Signs in again to an account on this device.
    ///
    /// # Errors
    /// When the store refuses, or the account's file cannot be opened.
    pub async fn sign_in_again(&self, account: AccountId, request: SignInAgain) -> Result<(), Problem> {
        let account = self.account(account)?;
        self.sign_in_to(&account, request.password, request.second_factor).await
    }

    /// Signs out, deleting the account's file and key.
    ///
    /// # Errors
    /// When something was written and not sent, unless it is given up; or when the file cannot be deleted.
    pub async fn sign_out(&self, account: AccountId, request: SignOut) -> Result<(), Problem> {
        let account = self.account(account)?;
        self.leave(&account, request.discard_unsent).await
    }

    /// Gives the password again, before something that asks for it.
    ///
    /// # Errors
    /// When it is wrong, or the store cannot be reached.
    pub async fn confirm_password(&self, account: AccountId, request: Password) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let request = ConfirmPassword {
            password: request.password,
        };
        open.ask(open.api.change(Method::POST, "/v1/session/confirm", &request))
            .await
    }

    /// Asks the store now for what is new, and sends what waits.
    ///
    /// # Errors
    /// When the account's file is not open. That the store cannot be reached is told by the answer.
    pub async fn sync_now(&self, account: AccountId, _: ()) -> Result<SyncStatus, Problem> {
        let account = self.account(account)?;
        if let State::Shut(_) = account.state() {
            // The keyring may be unlocked by now.
            account.try_open().await;
            if matches!(account.state(), State::Open(_)) {
                self.host.emit(UiEvent::Accounts {});
            }
        }
        let open = account.get()?;
        open.rest_no_more();
        if open.api.has_token()
            && let Err(error) = crate::sync::pull(&open).await
        {
            let problem = Problem::from(error);
            tracing::debug!(code = ?problem.code, "asked now, in vain");
        }
        Ok(open.sync_status().await?)
    }
}
