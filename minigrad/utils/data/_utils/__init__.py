"""The parts of a DataLoader: collating, fetching, workers. Mirrors torch.utils.data._utils."""
from . import collate, fetch, worker
