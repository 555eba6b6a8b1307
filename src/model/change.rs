//! What the ledger tells the edges.

use std::sync::Arc;

use crate::model::asset::{Asset, AssetId};
use crate::model::finding::Finding;

/// One change to what is known. Edges apply it; they never compute it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A device seen for the first time.
    AssetSeen(Arc<Asset>),
    /// A device about which more, or something else, is known now.
    AssetChanged(Arc<Asset>),
    /// A device that turned out to be part of another.
    AssetGone(AssetId),
    /// A verdict given for the first time.
    FindingOpened(Arc<Finding>),
    /// A verdict, or its reasons, that changed.
    FindingChanged(Arc<Finding>),
    /// A verdict that no longer applies, because its device or document changed.
    FindingClosed(uuid::Uuid),
}
