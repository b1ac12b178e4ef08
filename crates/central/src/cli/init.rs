//! `lac-central init`.

use std::io::Write;
use std::sync::Arc;

use clap::Args;
use lac_central::{Config, FirstUser, Setup, Store, SystemClock};

use super::Stop;

/// What a new store is told.
#[derive(Debug, Args)]
pub struct InitArguments {
    /// The authority's name, such as "Barsetshire Virtual School"
    #[arg(long)]
    authority_name: String,
    /// The telephone number for a child in danger, shown beside 999
    #[arg(long, default_value = "")]
    danger_phone: String,
    /// The e-mail address of the first LA Super User
    #[arg(long)]
    email: String,
    /// Their first name
    #[arg(long)]
    first_name: String,
    /// Their last name
    #[arg(long)]
    last_name: String,
}

pub(super) async fn init(config: Config, asked: InitArguments, out: &mut impl Write) -> Result<u8, Stop> {
    let (keys, listen) = (config.key_file.display().to_string(), config.listen);
    let setup = Setup {
        authority_name: asked.authority_name,
        danger_phone: asked.danger_phone,
        first_user: FirstUser {
            first_name: asked.first_name,
            last_name: asked.last_name,
            email: asked.email,
        },
    };
    let (store, code) = Store::init(config, Arc::new(SystemClock), setup)
        .await
        .map_err(Stop::refused)?;
    store.close().await;
    writeln!(
        out,
        "The store is set up.\n\n\
         The one-time code of the first LA Super User is {code}. It can be used once, in the next 24 hours;\n\
         `lac-central invite EMAIL` makes a new one.\n\n\
         The keys are in {keys}. Without this file nobody can read the data:\n\
         keep a copy in a safe place, apart from backups of the database.\n\n\
         Next: `lac-central import establishments FILE`, then `lac-central serve` (http://{listen})."
    )?;
    Ok(0)
}
