"""Objects in a bucket: Amazon S3, and whatever speaks its protocol."""
