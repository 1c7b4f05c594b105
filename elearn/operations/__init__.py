"""Running an installation: how it is and who is told, backups, practising with them, moving to another database.

It lies above all features: a backup is made of everything, and what is put back has to keep everybody's promises.
"""
