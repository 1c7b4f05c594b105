"""What tests do with any S3 service behind the product's back."""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

REGION = "eu-north-1"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class S3Service:
    """A service that runs, and whoever may use it."""

    url: str
    key_id: str
    secret: str

    def settings(self, bucket: str, url: str = "") -> dict[str, str]:
        """What the product must be told, perhaps with the address of something that stands between."""
        return {
            "ELEARN_S3_BUCKET": bucket,
            "ELEARN_S3_ENDPOINT": url or self.url,
            "ELEARN_S3_REGION": REGION,
            "ELEARN_S3_KEY_ID": self.key_id,
            "ELEARN_S3_SECRET": self.secret,
        }

    @cached_property
    def client(self) -> Any:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            region_name=REGION,
            config=Config(
                signature_version="s3v4", s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )

    def new_bucket(self) -> str:
        """Make a bucket of the test's own."""
        name = f"films-{next(_numbers)}"
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def put(self, bucket: str, key: str, content: bytes, **more: Any) -> None:
        self.client.put_object(Bucket=bucket, Key=key, Body=content, **more)

    def delete(self, bucket: str, key: str) -> None:
        self.client.delete_object(Bucket=bucket, Key=key)

    def keys(self, bucket: str) -> list[str]:
        found = self.client.list_objects_v2(Bucket=bucket)
        return [each["Key"] for each in found.get("Contents", [])]
