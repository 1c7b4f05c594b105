"""Where packaged films lie: on this machine or in a bucket, whole, checked and looked after."""
