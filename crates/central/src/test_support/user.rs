//! A user of tests, with a device that is signed in.

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{Role, UserId};
use lac_wire::{AcceptInvitation, Device, SignIn, SignedIn};

use super::client::TestClient;
use super::{PASSWORD, TestStore};
use crate::error::Failure;
use crate::scope::Scope;
use crate::writer::{Job, Tx};
use crate::{Store, both};

/// A user who has signed in.
#[derive(Clone)]
pub struct TestUser {
    /// Their id.
    pub id: UserId,
    /// Their role.
    pub role: Role,
    /// Their e-mail address.
    pub email: String,
    /// Their device, signed in.
    pub client: TestClient,
}

impl TestUser {
    /// Takes up an invitation on a new device.
    pub async fn accept(store: &Store, code: &str) -> Self {
        let client = TestClient::new(store);
        let device = Device {
            id: client.device,
            name: "A laptop".to_owned(),
        };
        let body = AcceptInvitation {
            code: code.into(),
            password: PASSWORD.into(),
            device,
            second_factor: None,
        };
        let signed_in: SignedIn = client.post("/v1/invitations/accept", &body).await.json();
        // Tests let months pass: who needs a second step by then says so.
        let spared = SecondStepDue(signed_in.me.id, TimeDelta::days(36_500));
        store.run(None, spared).await.unwrap_or_else(|error| panic!("{error}"));
        Self::from(client, signed_in)
    }

    /// Signs in on another device.
    pub async fn on_another_device(&self, store: &TestStore) -> Self {
        let client = TestClient::new(&store.store);
        let device = Device {
            id: client.device,
            name: "Another laptop".to_owned(),
        };
        let body = SignIn {
            email: self.email.clone(),
            password: PASSWORD.into(),
            device,
            second_factor: None,
        };
        let signed_in: SignedIn = client.post("/v1/sessions", &body).await.json();
        Self::from(client, signed_in)
    }

    fn from(client: TestClient, signed_in: SignedIn) -> Self {
        let client = client.with_token(signed_in.token.reveal());
        Self {
            id: signed_in.me.id,
            role: signed_in.me.role,
            email: signed_in.me.email,
            client,
        }
    }

    /// The user as who asks, today.
    #[must_use]
    pub fn scope(&self, store: &TestStore) -> Scope {
        Scope {
            user: self.id,
            role: self.role,
            today: store.store.today(),
        }
    }
}

/// In how long a user must have a second step.
pub(super) struct SecondStepDue(pub UserId, pub TimeDelta);

#[async_trait]
impl Job for SecondStepDue {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let due = tx.now().plus(self.1);
        let sql = "UPDATE users SET second_factor_due = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.0).bind(due).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
