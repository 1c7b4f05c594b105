"""All background work there is: importing this registers every handler and periodic task with the worker."""

import elearn.accounts.jobs
import elearn.billing.jobs
import elearn.billing.stripe_jobs
import elearn.evaluation.jobs
import elearn.feedback.jobs
import elearn.jobs.housekeeping
import elearn.learning.jobs
import elearn.licensing.jobs
import elearn.licensing.list_jobs
import elearn.mail.jobs
import elearn.media.jobs
import elearn.operations.jobs
import elearn.personal_data.jobs
import elearn.training.jobs  # noqa: F401 - the imports register
