"""Running an installation: backups, practising with them, and moving to another database.

It lies above all features: a backup is made of everything, and what is put back has to keep everybody's promises.
"""
