"""What people say of answers, who began a conversation, who made a version and when it was published."""

from alembic import op

revision = "0006"
down_revision = "0005"

CURRENT_TENANT = "NULLIF(current_setting('app.tenant_id', true), '')"
# One row for each answer and person (or API key). The conversation stands here too, so that those of a
# bot are filtered and counted without a look at their messages.
FEEDBACK = f"""
CREATE TABLE message_feedback (
  tenant_id text NOT NULL,
  message_id text NOT NULL,
  actor_id text NOT NULL,
  conversation_id text NOT NULL,
  rating text NOT NULL CHECK (rating IN ('up', 'down')),
  reason text,
  comment text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, message_id, actor_id),
  FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_feedback_conversation
  ON message_feedback (tenant_id, conversation_id, rating);
ALTER TABLE message_feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_feedback TO chatsphere_app
  USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT});
GRANT SELECT, INSERT, UPDATE, DELETE ON message_feedback TO chatsphere_app;
"""
# Null: begun before this was kept.
CONVERSATIONS = """
ALTER TABLE conversations ADD COLUMN started_by text;
CREATE INDEX conversations_starter ON conversations (tenant_id, bot_id, started_by, id)
  WHERE deleted_at IS NULL;
"""
# Answers made with a part out are few: whoever looks for them reads no others.
MESSAGES = """
CREATE INDEX messages_degraded ON messages (tenant_id, conversation_id) WHERE degraded;
"""
# Null: made, or published for the last time, before this was kept.
VERSIONS = """
ALTER TABLE bot_versions ADD COLUMN created_by text;
ALTER TABLE bot_versions ADD COLUMN note text NOT NULL DEFAULT '';
ALTER TABLE bot_versions ADD COLUMN published_at timestamptz;
"""


def upgrade() -> None:
    """Add the table, the columns and their indexes."""
    for part in (FEEDBACK, CONVERSATIONS, MESSAGES, VERSIONS):
        op.execute(part)


def downgrade() -> None:
    """Schemas go forward only: restore a backup to go back."""
    raise NotImplementedError("restore a backup to go back")
