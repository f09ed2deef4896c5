"""From effective history to state: the fold, where sets go, which rules move the lever, snapshots."""
