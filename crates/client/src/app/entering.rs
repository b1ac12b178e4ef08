//! Getting an account onto this device, and back into one.

use std::sync::{Arc, PoisonError};

use lac_domain::email_key;
use lac_wire::{AcceptInvitation, Device, Private, SignIn, SignedIn};
use reqwest::Method;

use super::App;
use super::registry::Registry;
use crate::account::{Account, AccountEntry, OpenedFile, State};
use crate::api::{Address, Api, ApiError};
use crate::failure::Failure;
use crate::host::Host;
use crate::local::Meta;
use crate::view::{AccountId, LocalCode, Problem, UiEvent};

/// How someone gets in.
pub(crate) enum Entry {
    /// With an e-mail address and a password.
    SignIn {
        email: String,
        password: Private,
        second_factor: Option<Private>,
    },
    /// With an invitation and a chosen password.
    Invitation {
        code: Private,
        password: Private,
        second_factor: Option<Private>,
    },
}

impl Entry {
    /// The password that the account has once this got in.
    fn password(&self) -> &Private {
        match self {
            Self::SignIn { password, .. } | Self::Invitation { password, .. } => password,
        }
    }

    pub(super) async fn ask(&self, api: &Api, device: Device) -> Result<SignedIn, ApiError> {
        match self {
            Self::SignIn {
                email,
                password,
                second_factor,
            } => {
                let request = SignIn {
                    email: email.trim().to_owned(),
                    password: password.clone(),
                    device,
                    second_factor: second_factor.clone(),
                };
                api.change(Method::POST, "/v1/sessions", &request).await
            }
            Self::Invitation {
                code,
                password,
                second_factor,
            } => {
                let request = AcceptInvitation {
                    code: code.clone(),
                    password: password.clone(),
                    device,
                    second_factor: second_factor.clone(),
                };
                api.change(Method::POST, "/v1/invitations/accept", &request).await
            }
        }
    }
}

impl<H: Host> App<H> {
    /// Gets in, making the account on this device where it is not there yet. Everything that this device must be able
    /// to do is done before the store is asked, so that no invitation is used up in vain.
    pub(crate) async fn enter(&self, address: &str, entry: Entry) -> Result<AccountId, Problem> {
        let _one = self.changing.lock().await;
        if let Some(problem) = &self.unreadable {
            return Err(problem.clone());
        }
        let address = Address::parse(address)?;
        let api = Api::new(address.clone(), &self.computer)?;
        api.about().await?;
        if let Entry::SignIn { email, .. } = &entry
            && let Some(account) =
                self.find(|held| held.store_address == address.as_str() && email_key(&held.email) == email_key(email))
        {
            self.enter_again(&account, entry).await?;
            return Ok(account.id);
        }
        let accounts = self.accounts();
        let entries: Vec<AccountEntry> = accounts.iter().map(|account| account.entry()).collect();
        let prepared = AccountEntry {
            id: AccountId(self.computer.new_id::<uuid::Uuid>()?),
            store_address: address.as_str().to_owned(),
            email: String::new(),
            authority_name: String::new(),
            colour: Registry::free_colour(&entries),
        };
        let made = self.make(prepared, &api, &entry).await?;
        Ok(made.id)
    }

    /// Makes the account's folder and file, gets in, and adds it to the list. Whatever fails leaves nothing behind.
    async fn make(&self, mut entry: AccountEntry, api: &Api, how: &Entry) -> Result<Arc<Account>, Problem> {
        let folder = crate::account::Folder::new(&self.computer, &self.registry.accounts_folder(), entry.id);
        let made = async {
            let file = folder.make(how.password()).await?;
            match self.fill(&file, &entry, api, how).await {
                Ok(signed_in) => Ok((file, signed_in)),
                Err(problem) => {
                    file.local.close().await;
                    Err(problem)
                }
            }
        };
        let (file, signed_in) = match made.await {
            Ok(made) => made,
            Err(problem) => {
                if let Err(failure) = folder.delete().await {
                    tracing::warn!(%failure, "what was prepared could not be deleted; it is when the application opens");
                }
                return Err(problem);
            }
        };
        // The same user may be here already, under an address that has changed since.
        let same = self
            .find(|held| held.store_address == entry.store_address)
            .filter(|held| {
                held.get()
                    .ok()
                    .and_then(|open| open.me())
                    .is_some_and(|me| me.id == signed_in.me.id)
            });
        if let Some(account) = same {
            file.local.close().await;
            folder.delete().await?;
            self.adopt(&account, signed_in).await?;
            return Ok(account);
        }
        entry.email.clone_from(&signed_in.me.email);
        entry.authority_name.clone_from(&signed_in.me.authority.name);
        let account = Account::made(&self.computer, self.registry.accounts_folder(), entry, file.local).await?;
        let open = account.get()?;
        open.signed_in(signed_in.me, &signed_in.token).await?;
        self.accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&account));
        self.write_list().await?;
        self.host.emit(UiEvent::Accounts {});
        Ok(account)
    }

    /// Writes what the file must know before anyone is signed in, then gets in.
    async fn fill(&self, file: &OpenedFile, entry: &AccountEntry, api: &Api, how: &Entry) -> Result<SignedIn, Problem> {
        let mut tx = file.local.begin().await?;
        Meta::StoreAddress.set(&mut tx, &entry.store_address).await?;
        Meta::Colour.set(&mut tx, &entry.colour.to_string()).await?;
        tx.commit().await.map_err(Failure::from)?;
        let device = Device {
            id: file.device,
            name: self.host.device_name(),
        };
        Ok(how.ask(api, device).await?)
    }

    /// Gets in again to an account that is on this device.
    pub(crate) async fn sign_in_to(
        &self,
        account: &Arc<Account>,
        password: Private,
        second_factor: Option<Private>,
    ) -> Result<(), Problem> {
        let _one = self.changing.lock().await;
        let how = Entry::SignIn {
            email: account.entry().email,
            password,
            second_factor,
        };
        self.enter_again(account, how).await
    }

    pub(super) async fn enter_again(&self, account: &Arc<Account>, how: Entry) -> Result<(), Problem> {
        account.try_open().await;
        let open = match account.state() {
            State::Open(open) => open,
            State::Shut(problem)
                if problem.is_local(LocalCode::FileSetAside) || problem.is_local(LocalCode::SignedOut) =>
            {
                return self.enter_anew(account, &how).await;
            }
            State::Shut(problem) => return Err(problem),
        };
        let mut conn = open.local.reader().await?;
        let device = crate::local::meta::device_id(&mut conn).await?;
        drop(conn);
        let id = match device {
            Some(id) => id,
            None => self.computer.new_id()?,
        };
        let api = Api::new(open.api.address().clone(), &self.computer)?;
        let signed_in = how
            .ask(
                &api,
                Device {
                    id,
                    name: self.host.device_name(),
                },
            )
            .await?;
        // The password may be another than the one that the key was sealed under.
        account.folder().seal(&open.local, how.password()).await?;
        self.adopt(account, signed_in).await
    }

    /// Gets in again where the file was set aside: a new one is made, and filled from the store.
    pub(super) async fn enter_anew(&self, account: &Arc<Account>, how: &Entry) -> Result<(), Problem> {
        let entry = account.entry();
        let api = Api::new(Address::parse(&entry.store_address)?, &self.computer)?;
        api.about().await?;
        let file = account.folder().make(how.password()).await?;
        let signed_in = match self.fill(&file, &entry, &api, how).await {
            Ok(signed_in) => signed_in,
            Err(problem) => {
                file.local.close().await;
                return Err(problem);
            }
        };
        let open = account.opened(file.local).await?;
        account.set_state(State::Open(open));
        self.adopt(account, signed_in).await
    }

    /// Gives an account a new session.
    async fn adopt(&self, account: &Arc<Account>, signed_in: SignedIn) -> Result<(), Problem> {
        let open = account.get()?;
        if open.me().is_some_and(|me| me.id != signed_in.me.id) {
            let api = Api::new(open.api.address().clone(), &self.computer)?;
            api.set_token(Some(signed_in.token));
            if api.end_session().await.is_err() {
                tracing::warn!("a session of another user could not be ended; it ends by itself");
            }
            return Err(Problem::local(
                LocalCode::Invalid,
                "This e-mail address belongs to another person now. Sign this account out, then sign in anew.",
            ));
        }
        let mut entry = account.entry();
        entry.email.clone_from(&signed_in.me.email);
        entry.authority_name.clone_from(&signed_in.me.authority.name);
        open.signed_in(signed_in.me, &signed_in.token).await?;
        account.set_entry(entry);
        self.write_list().await?;
        self.host.emit(UiEvent::Accounts {});
        Ok(())
    }

    fn find(&self, fits: impl Fn(&AccountEntry) -> bool) -> Option<Arc<Account>> {
        self.accounts().into_iter().find(|account| fits(&account.entry()))
    }

    pub(super) async fn write_list(&self) -> Result<(), Failure> {
        let entries: Vec<AccountEntry> = self.accounts().iter().map(|account| account.entry()).collect();
        self.registry.write(&entries).await
    }
}
