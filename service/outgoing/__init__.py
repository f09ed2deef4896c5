"""What Spotter sends elsewhere: requests to addresses that others named, and so may mean it ill."""
