//! What of this run of the sensor stands in the store in the place of captures.

use crate::app::AppError;
use crate::app::monitor::keep::Keeper;
use crate::app::monitor::status::Status;
use crate::app::scan::protocol_named;
use crate::model::health::InterfaceHealth;
use crate::model::notice::NoticeKind;
use crate::model::{CaptureInfo, Conversation, Session, Timestamp};
use crate::store::Store;

/// One for each interface, in their order: number in the store, and what is known.
pub(in crate::app::monitor) struct Sessions(Vec<(u32, CaptureInfo)>);

impl Sessions {
    /// Begins them.
    pub(in crate::app::monitor) fn begin(
        store: &mut Store,
        interfaces: &[String],
        started: Timestamp,
    ) -> Result<Self, AppError> {
        let mut sessions = Vec::with_capacity(interfaces.len());
        for interface in interfaces {
            let interface = interface.as_str().into();
            let mut info = CaptureInfo::live(Session { interface, started, ..Session::default() });
            let number = store.begin_session(&mut info)?;
            sessions.push((number, info));
        }
        Ok(Self(sessions))
    }

    /// The numbers by which frames of the interfaces are known.
    pub(in crate::app::monitor) fn numbers(&self) -> Vec<u32> {
        self.0.iter().map(|(number, _)| *number).collect()
    }

    /// Frames that were read of each.
    pub(super) fn frames(&self, status: &Status) -> Vec<(u32, u64)> {
        let interfaces = status.interfaces();
        let frames = interfaces.iter().map(|interface| interface.frames);
        self.numbers().into_iter().zip(frames).collect()
    }

    /// Conversations of all other captures.
    pub(super) fn others(&self, store: &mut Store) -> Result<Vec<Conversation>, AppError> {
        Ok(store.conversations_but(&self.numbers(), &protocol_named)?)
    }
}

impl Keeper<'_> {
    /// Brings what is known of the sessions up to date; with a time, ends them.
    pub(super) fn update_sessions(&mut self, ended: Option<Timestamp>) {
        let interfaces = self.status.interfaces();
        let mut failed = None;
        for ((number, info), health) in self.sessions.0.iter_mut().zip(&interfaces) {
            update(info, health);
            let done = match ended {
                Some(at) => self.store.end_session(*number, info, at),
                None => self.store.update_session(*number, info),
            };
            failed = failed.or(done.err());
        }
        if let Some(error) = failed {
            self.refused_for_now("sessions", &error);
        }
        match self.store.captures() {
            Ok(captures) => self.run.captures = captures,
            Err(error) => self.refused_for_now("captures", &error),
        }
    }
}

impl Keeper<'_> {
    /// Keeps for how long devices are quiet by habit: what was learned in months is not learned anew after a restart.
    pub(super) fn keep_habits(&mut self) {
        if let Err(error) = self.store.put_habits(&self.watch.habits()) {
            self.refused_for_now("habits", &error);
        }
    }
}

fn update(info: &mut CaptureInfo, health: &InterfaceHealth) {
    info.frames = health.frames;
    info.bytes = health.bytes;
    let last = (health.last_frame_ns != 0).then_some(Timestamp(health.last_frame_ns));
    let first = (health.first_frame_ns != 0).then_some(Timestamp(health.first_frame_ns));
    info.first = first;
    info.last = last;
    if let Some(session) = &mut info.session {
        session.received = health.received;
        session.dropped_by_kernel = health.dropped_by_kernel;
        session.dropped_by_interface = health.dropped_by_interface;
        session.interruptions = health.interruptions;
    }
}

/// Under what a notice is counted.
pub(super) fn counted(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::AssetNew => "notices.asset_new",
        NoticeKind::AssetChanged => "notices.asset_changed",
        NoticeKind::AssetReplaced => "notices.asset_replaced",
        NoticeKind::AssetSilent => "notices.asset_silent",
        NoticeKind::AssetBack => "notices.asset_back",
        NoticeKind::ModeChanged => "notices.mode_changed",
        NoticeKind::ProgramDownload => "notices.program_download",
        NoticeKind::DeviceEvent => "notices.device_event",
        NoticeKind::ConversationNew => "notices.conversation_new",
        NoticeKind::FindingOpened => "notices.finding_opened",
        NoticeKind::FindingChanged => "notices.finding_changed",
        NoticeKind::FindingClosed => "notices.finding_closed",
        NoticeKind::SensorDegraded => "notices.sensor_degraded",
        NoticeKind::SensorRecovered => "notices.sensor_recovered",
        NoticeKind::SensorState => "notices.sensor_state",
    }
}
