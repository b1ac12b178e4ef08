//! Passwords that are changed or forgotten, the second step of signing in, and one's own devices.

use std::fmt::Write as _;

use lac_wire::{
    AskForPasswordCode, ChangePassword, ConfirmSecondFactor, Invitation, LookAtInvitation, NewSecondFactor, OwnSession,
    Private, RecoveryCodes, SecondFactorRule, UsePasswordCode, UserSecondFactor,
};
use qrcode::{Color, EcLevel, QrCode};
use reqwest::Method;

use crate::App;
use crate::api::{Address, Api};
use crate::failure::Failure;
use crate::host::Host;
use crate::view::*;
use crate::whole_file;

/// The squares of margin that a QR code needs.
const MARGIN: usize = 4;

impl<H: Host> App<H> {
    /// Asks for a code by e-mail, for a password that was forgotten.
    ///
    /// # Errors
    /// When too many were asked for, or the store cannot be reached; never because there is no such account.
    pub async fn ask_for_password_code(&self, request: ForgottenPassword) -> Result<(), Problem> {
        let api = self.stranger(&request.address).await?;
        let asked = AskForPasswordCode {
            email: request.email.trim().to_owned(),
        };
        Ok(api.change(Method::POST, "/v1/password-codes", &asked).await?)
    }

    /// Asks whom a code for a forgotten password is for.
    ///
    /// # Errors
    /// When it does not hold, or the store cannot be reached.
    pub async fn look_at_password_code(&self, request: InvitationCode) -> Result<Invitation, Problem> {
        let api = self.stranger(&request.address).await?;
        let asked = LookAtInvitation { code: request.code };
        Ok(api.change(Method::POST, "/v1/password-codes/look", &asked).await?)
    }

    /// Sets a new password by a code from an e-mail. Every session of the user ends.
    ///
    /// # Errors
    /// When the code does not hold, the password is weak, or the store cannot be reached.
    pub async fn use_password_code(&self, request: NewPasswordByCode) -> Result<(), Problem> {
        let api = self.stranger(&request.address).await?;
        let asked = UsePasswordCode {
            code: request.code,
            password: request.password,
        };
        Ok(api.change(Method::POST, "/v1/password-codes/use", &asked).await?)
    }

    /// A store, for someone who is not signed in.
    async fn stranger(&self, address: &str) -> Result<Api, Problem> {
        self.unlocked()?;
        let api = Api::new(Address::parse(address)?, &self.computer)?;
        api.about().await?;
        Ok(api)
    }

    /// Changes the password; every other device is signed out.
    ///
    /// # Errors
    /// When the one so far is wrong, the new one is weak, or the store cannot be reached.
    pub async fn change_password(&self, account: AccountId, request: ChangePassword) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let () = open
            .ask(open.api.change(Method::POST, "/v1/me/password", &request))
            .await?;
        // From now on it is the new one that unlocks.
        self.account(account)?
            .folder()
            .seal(&open.local, &request.password)
            .await
    }

    /// Begins to set up the second step of signing in.
    ///
    /// # Errors
    /// When the password must be given again, or the store cannot be reached.
    pub async fn begin_second_factor(&self, account: AccountId, _: ()) -> Result<SecondFactorSetUp, Problem> {
        let open = self.opened(account)?;
        let begun: NewSecondFactor = open
            .ask(open.api.change(Method::POST, "/v1/me/second-factor", &()))
            .await?;
        Ok(shown(&begun)?)
    }

    /// Gives the first code of the second step; answers the recovery codes.
    ///
    /// # Errors
    /// When the code is wrong, or the store cannot be reached.
    pub async fn confirm_second_factor(
        &self,
        account: AccountId,
        request: ConfirmSecondFactor,
    ) -> Result<RecoveryCodes, Problem> {
        let open = self.opened(account)?;
        let codes = open
            .ask(open.api.change(Method::POST, "/v1/me/second-factor/confirm", &request))
            .await?;
        // What waited for it goes on.
        open.second_step(None);
        open.rest_no_more();
        open.pull.notify_one();
        Ok(codes)
    }

    /// Makes new recovery codes in place of those before.
    ///
    /// # Errors
    /// When the password must be given again, or the store cannot be reached.
    pub async fn new_recovery_codes(&self, account: AccountId, _: ()) -> Result<RecoveryCodes, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/me/recovery-codes", &()))
            .await
    }

    /// Saves recovery codes as a text, to be printed or kept; none where the person changed their mind.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn save_recovery_codes(
        &self,
        account: AccountId,
        request: RecoveryCodes,
    ) -> Result<Option<SavedFile>, Problem> {
        let email = self.account(account)?.entry().email;
        let Some(path) = self.host.save_file("Recovery codes.txt").await else {
            return Ok(None);
        };
        whole_file::write(&path, sheet(&email, &request.codes).into_bytes()).await?;
        Ok(Some(SavedFile {
            path: path.to_string_lossy().into_owned(),
        }))
    }

    /// Takes one's own second step away, where the authority lets one do without.
    ///
    /// # Errors
    /// When the store refuses, or cannot be reached.
    pub async fn remove_second_factor(&self, account: AccountId, _: ()) -> Result<(), Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::DELETE, "/v1/me/second-factor", &()))
            .await
    }

    /// Says for whom the second step is required.
    ///
    /// # Errors
    /// When the store refuses, or cannot be reached.
    pub async fn set_second_factor_rule(
        &self,
        account: AccountId,
        request: SecondFactorRule,
    ) -> Result<SecondFactorRule, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, "/v1/authority/second-factor", &request))
            .await
    }

    /// The devices that one is signed in on.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn list_own_devices(&self, account: AccountId, _: ()) -> Result<Vec<OwnSession>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/sessions", &())).await
    }

    /// Signs out of one of one's own devices; answers those that are left.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn sign_out_device(&self, account: AccountId, request: SessionRef) -> Result<Vec<OwnSession>, Problem> {
        let path = format!("/v1/sessions/{}", request.id);
        let open = self.opened(account)?;
        let ended: Result<(), Problem> = open.ask(open.api.change(Method::DELETE, &path, &())).await;
        match ended {
            // One that ended by itself meanwhile is what was wanted.
            Err(problem) if problem.code != ProblemCode::Store(lac_wire::ErrorCode::NotFound) => Err(problem),
            _ => open.ask(open.api.get("/v1/sessions", &())).await,
        }
    }

    /// Signs out of every other device; answers what is left.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn sign_out_other_devices(&self, account: AccountId, _: ()) -> Result<Vec<OwnSession>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/sessions/end-others", &()))
            .await
    }

    /// Whether a user has a second step of signing in.
    ///
    /// # Errors
    /// When the store refuses, or cannot be reached.
    pub async fn get_user_second_factor(
        &self,
        account: AccountId,
        request: UserRef,
    ) -> Result<UserSecondFactor, Problem> {
        let path = format!("/v1/users/{}/second-factor", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// Resets the second step of a user who has lost their phone.
    ///
    /// # Errors
    /// When the store refuses, or cannot be reached.
    pub async fn reset_second_factor(&self, account: AccountId, request: UserRef) -> Result<UserSecondFactor, Problem> {
        let path = format!("/v1/users/{}/second-factor/reset", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &())).await
    }
}

/// What an app needs to know, as it is shown.
fn shown(begun: &NewSecondFactor) -> Result<SecondFactorSetUp, Failure> {
    let letters: Vec<char> = begun.secret.reveal().chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    let code = QrCode::with_error_correction_level(begun.address.reveal(), EcLevel::M).map_err(|_| {
        Failure::Told(Problem::local(
            LocalCode::Internal,
            "The square for your app could not be drawn. Type the letters and digits into the app instead.",
        ))
    })?;
    let width = code.width();
    let mut path = String::new();
    for (row, colours) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        while column < width {
            let dark = colours[column..]
                .iter()
                .take_while(|colour| **colour == Color::Dark)
                .count();
            if dark > 0 {
                // Writing into a text does not fail.
                let _ = write!(path, "M{} {}h{dark}v1h-{dark}z", column + MARGIN, row + MARGIN);
            }
            column += dark.max(1);
        }
    }
    Ok(SecondFactorSetUp {
        secret: groups.join(" ").into(),
        squares: u32::try_from(width + 2 * MARGIN).unwrap_or_default(),
        path: path.into(),
    })
}

/// The text of a file of recovery codes. It does not say what it opens, but for whom.
fn sheet(email: &str, codes: &[Private]) -> String {
    let mut text = format!(
        "Recovery codes for Secure Messages\r\n{email}\r\n\r\n\
         Each code works once, in place of the code from your authenticator app.\r\n\
         Print this, keep it where only you can get at it, and delete the file.\r\n\r\n"
    );
    for code in codes {
        text.push_str(code.reveal());
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_needs_is_drawn_and_can_be_typed() {
        let begun = NewSecondFactor {
            secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
            address: "otpauth://totp/Secure%20Messages:pat%40example.org?secret=GEZDGNBVGY3TQOJQ".into(),
        };
        let drawn = shown(&begun).unwrap();
        assert_eq!(drawn.secret.reveal(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        // The finder pattern in the corner, beside its margin.
        assert!(
            drawn.path.reveal().starts_with("M4 4h7v1h-7z"),
            "{}",
            drawn.path.reveal()
        );
        assert!(drawn.squares > 30);
    }

    #[test]
    fn a_file_of_codes_holds_each_on_a_line() {
        let text = sheet("pat@example.org", &["AAAA-BBBB".into(), "CCCC-DDDD".into()]);
        assert!(text.ends_with("AAAA-BBBB\r\nCCCC-DDDD\r\n") && text.contains("pat@example.org"));
    }
}
