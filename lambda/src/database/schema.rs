//! The table, as the workshop defines it, and what a new connection starts with.

use super::{Failure, STATEMENT};
use tokio_postgres::Client;

/// Makes the table where there is none. Functions that start together take turns, since
/// `CREATE TABLE IF NOT EXISTS` alone can fail when two do it at once; where the table is there,
/// no lock and no right to create one is needed.
const TABLE: &str = "
DO $$ BEGIN
    IF to_regclass('users') IS NULL THEN
        PERFORM pg_advisory_xact_lock(7310579416234118);
        CREATE TABLE IF NOT EXISTS users (
            id SERIAL PRIMARY KEY,
            cognito_sub VARCHAR(255) UNIQUE NOT NULL,
            username VARCHAR(255) NOT NULL,
            email VARCHAR(255) UNIQUE NOT NULL,
            role VARCHAR(50) NOT NULL,
            phone_number VARCHAR(20)
        );
    END IF;
END $$;";

/// Two rows for an empty table.
const DEMO_ROWS: &str = "
DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(7310579416234118);
    IF NOT EXISTS (SELECT FROM users) THEN
        INSERT INTO users (cognito_sub, username, email, role, phone_number) VALUES
            ('demo-1', 'Demo User', 'demo.user@example.com', 'user', '+15555550100'),
            ('demo-2', 'Demo Admin', 'demo.admin@example.com', 'admin', '+15555550101')
        ON CONFLICT DO NOTHING;
    END IF;
END $$;";

/// Sets the time limit of statements and, if asked, sees to the table: one exchange.
pub(super) async fn prepare(
    client: &Client,
    migrate: bool,
    demo_rows: bool,
) -> Result<(), Failure> {
    // Not in the connection's options, which RDS Proxy refuses.
    let mut batch = format!("SET statement_timeout = {};", STATEMENT.as_millis());
    if migrate {
        batch.push_str(TABLE);
    }
    if migrate && demo_rows {
        batch.push_str(DEMO_ROWS);
    }
    Ok(client.batch_execute(&batch).await?)
}
