"""The data folder holds everybody's data: only the account that runs the product may look into it."""

from pathlib import Path

from elearn.config import Settings


def test_a_new_data_folder_and_its_key_are_closed_to_other_accounts(tmp_path: Path) -> None:
    data = tmp_path / "new" / "data"

    Settings.from_environment({"ELEARN_DATA": str(data)})

    assert data.stat().st_mode & 0o077 == 0
    assert (data / "secret.key").stat().st_mode & 0o077 == 0
