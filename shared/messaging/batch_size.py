"""The number of events in one transaction: fewer when they meet other writers, slowly more when they do not."""


class BatchSize:
    def __init__(self, most: int) -> None:
        self.most = most
        self.now = most

    def shrink(self) -> None:
        self.now = max(1, self.now // 2)

    def grow(self) -> None:
        self.now = min(self.most, self.now + max(1, self.now // 8))
