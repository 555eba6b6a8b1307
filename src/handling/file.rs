//! Which entry of the file of decisions is about a finding.

use crate::handling::{Standing, is_like, plate};
use crate::model::{Asset, Field, Finding, Meant, Written};

impl<'a> Standing<'a> {
    /// The entry that counts: of several about one finding the latest.
    pub(super) fn written_about(&self, asset: &Asset, finding: &Finding) -> Option<&'a Written> {
        let written = &self.context.run.handbook.written;
        if written.is_empty() {
            return None;
        }
        let judgement = &finding.judgement;
        let names = [&judgement.advisory, &judgement.cve].map(|name| name.to_lowercase());
        let places = names.iter().filter_map(|name| self.written.get(name)).flatten();
        let is_about = |entry: &Written| {
            let same = |wanted: &Option<Box<str>>, own: &str| {
                wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(own))
            };
            same(&entry.advisory, &judgement.advisory) && same(&entry.cve, &judgement.cve)
        };
        let mut about: Vec<(usize, &'a Written)> = places
            .filter_map(|at| Some((*at, written.get(*at)?)))
            .filter(|(_, entry)| is_about(entry) && self.means(&entry.meant, asset, finding))
            .collect();
        self.met.borrow_mut().entries.extend(about.iter().map(|(at, _)| *at));
        about.sort_by_key(|(at, entry)| (entry.at, *at));
        about.last().map(|(_, entry)| *entry)
    }

    /// True for a device that an entry of the file is about.
    fn means(&self, meant: &Meant, asset: &Asset, finding: &Finding) -> bool {
        let plate = plate(asset, finding.module.as_ref());
        let both = [&asset.nameplate, plate];
        let says = |fields: &[Field], wanted: &dyn Fn(&str) -> bool| {
            both.iter()
                .any(|plate| fields.iter().filter_map(|field| plate.value(*field)).any(wanted))
        };
        let holds = |wanted: &Option<Box<str>>, test: &dyn Fn(&str) -> bool| {
            wanted.as_ref().is_none_or(|wanted| test(wanted))
        };
        holds(&meant.id, &|id| asset.id.to_string().starts_with(&id.to_lowercase()))
            && meant.ip.is_none_or(|ip| asset.ips.contains(&ip))
            && meant.mac.is_none_or(|mac| asset.macs.contains(&mac))
            && holds(&meant.serial, &|wanted| {
                says(&[Field::Serial], &|own| own.eq_ignore_ascii_case(wanted))
            })
            && holds(&meant.name, &|wanted| {
                says(&[Field::Name], &|own| own.eq_ignore_ascii_case(wanted))
            })
            && holds(&meant.vendor, &|wanted| {
                let maker = self.context.maker;
                let own = plate.value(Field::Vendor);
                own.is_some_and(|own| maker(own) == maker(wanted))
            })
            && holds(&meant.model, &|wanted| {
                let fields = [Field::Model, Field::OrderNumber, Field::Product];
                fields
                    .iter()
                    .filter_map(|field| plate.value(*field))
                    .any(|own| is_like(own, wanted))
            })
            && holds(&meant.module, &|wanted| {
                let path = finding.module.as_ref().map(ToString::to_string);
                path.is_some_and(|path| is_like(&path, wanted))
            })
    }
}
