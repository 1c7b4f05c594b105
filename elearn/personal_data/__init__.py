"""What the employer's data officer asks: export, deletion, retention, and a municipality's leaving.

It lies above all features that hold something about people, and asks each of them.
"""
