"""The column of an amount of money."""

from typing import Annotated

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import mapped_column

Minor = Annotated[int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"))]
"""Whole øre, in 64 bits: 32 end at 21 million kroner, which large orders pass. SQLite's INTEGER has 64 anyway."""
