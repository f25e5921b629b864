-- Error codes of a negative acknowledgement as they were received, without its texts.
ALTER TABLE item ADD COLUMN answer_detail TEXT;
ALTER TABLE unmatched ADD COLUMN detail TEXT;
