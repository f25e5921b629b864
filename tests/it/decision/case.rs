//! Random worlds and questions as plain rows: numbers for names, days and minutes from now.

/// SplitMix64: good enough for cases, and the same on every machine.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    /// With so many chances of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn near(&mut self) -> i64 {
        self.below(5) as i64 - 2
    }

    /// A first day that mostly has come, and a last one that mostly has not.
    fn period(&mut self) -> (i64, Option<i64>) {
        let from = if self.chance(80) { -2 } else { self.near() };
        (from, self.chance(30).then(|| self.near()))
    }

    fn maybe<T>(&mut self, percent: usize, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.chance(percent).then(|| draw(self))
    }

    fn several<T>(&mut self, end: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(end)).map(|_| draw(self)).collect()
    }
}

/// Organisations of the region; the next number is one that it does not know.
pub const ORGANISATIONS: usize = 4;
/// Parties after the organisations: a group of a kind, one with listed members; beyond, no group.
pub const BY_KIND: usize = 10;
pub const LISTED: usize = 11;
pub const TYPES: usize = 3;
/// Selectors after the types: the group of the first two, everything.
pub const GROUP: usize = 3;
pub const ALL: usize = 4;
pub const PURPOSES: usize = 6;
pub const ROLES: usize = 4;

/// Selectors of a tier, and whether it lists only.
pub type Tier = (Vec<usize>, bool);

#[derive(Clone, Debug)]
pub struct World {
    pub organisations: Vec<Organisation>,
    pub listed: Vec<usize>,
    /// By role: selectors of its tier and whether it lists only; none where its tier has no row.
    pub tiers: Option<Vec<Option<Tier>>>,
    pub policy: Policy,
    pub agreements: Vec<Agreement>,
    pub profile: Profile,
}

#[derive(Clone, Debug)]
pub struct Organisation {
    /// First day, last day, suspended.
    pub member: Option<(i64, Option<i64>, bool)>,
    /// Always one with a higher number.
    pub successor: Option<(usize, Option<i64>)>,
}

#[derive(Clone, Debug)]
pub struct Policy {
    /// By purpose: off, advisory, enforcing.
    pub modes: Vec<usize>,
    pub consent: Vec<usize>,
    pub glass_roles: Vec<usize>,
    pub glass_over: bool,
    pub second_factor: bool,
}

#[derive(Clone, Debug)]
pub struct Agreement {
    /// 0 is agreed.
    pub state: usize,
    pub publishers: Vec<usize>,
    pub consumers: Vec<usize>,
    pub out: Vec<usize>,
    pub types: Vec<usize>,
    pub purposes: Vec<usize>,
    pub roles: Vec<usize>,
    pub departments: Vec<usize>,
    pub period: (i64, Option<i64>),
    pub ceiling: usize,
}

#[derive(Clone, Debug)]
pub struct Profile {
    pub organisation: usize,
    pub acts_for: Vec<usize>,
    pub role: usize,
    pub purposes: Vec<usize>,
    pub department: Option<usize>,
    pub assertion_required: bool,
    pub standing: bool,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub asker: usize,
    pub role: usize,
    pub purpose: usize,
    pub department: Option<usize>,
    /// Minutes until the flag ends.
    pub flag: Option<i64>,
    /// Has a reason, has a second factor.
    pub glass: Option<(bool, bool)>,
    pub publisher: Option<usize>,
    pub document_type: Option<usize>,
    pub confidentiality: Vec<usize>,
    pub recipients: Vec<usize>,
    pub relationships: Vec<(usize, i64, Option<i64>)>,
    pub wishes: Vec<Wish>,
    pub consents: Vec<usize>,
    pub seals: Vec<Seal>,
    pub died: Option<i64>,
    /// For standing: whether the system is a registered one, and its certificate's organisation.
    pub registered: bool,
    pub certificate: usize,
    /// The role that an assertion shows, as a place in the list of spellings.
    pub shown_role: Option<usize>,
    pub shown_purpose: Option<usize>,
    pub shown_organisation: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Wish {
    pub share: bool,
    pub of_type: Option<usize>,
    pub publisher: Option<usize>,
    pub consumer: Option<usize>,
    pub day: i64,
}

#[derive(Clone, Debug)]
pub struct Seal {
    pub entry: usize,
    pub locked: bool,
    pub open_to: Vec<usize>,
}

impl World {
    pub fn drawn(draw: &mut Draw) -> Self {
        let organisations = (0..ORGANISATIONS).map(|n| Organisation::drawn(draw, n)).collect();
        let tier = |draw: &mut Draw| {
            let types = if draw.chance(60) { vec![ALL] } else { some(draw, 3, ALL + 1) };
            (types, draw.chance(10))
        };
        let profile = Profile::drawn(draw);
        Self {
            organisations,
            listed: some(draw, 3, ORGANISATIONS + 1),
            tiers: draw.maybe(60, |draw| (0..ROLES - 1).map(|_| draw.maybe(90, tier)).collect()),
            policy: Policy::drawn(draw),
            agreements: draw.several(6, Agreement::drawn),
            profile,
        }
    }
}

fn some(draw: &mut Draw, end: usize, below: usize) -> Vec<usize> {
    draw.several(end, |draw| draw.below(below))
}

/// At least one.
fn one_or_more(draw: &mut Draw, below: usize) -> Vec<usize> {
    let mut drawn = vec![draw.below(below)];
    if draw.chance(25) {
        drawn.push(draw.below(below));
    }
    drawn
}

/// The first purpose and role mostly, so that rows meet.
fn low(draw: &mut Draw, below: usize) -> usize {
    if draw.chance(55) { 0 } else { draw.below(below) }
}

impl Organisation {
    fn drawn(draw: &mut Draw, n: usize) -> Self {
        let member = draw.maybe(96, |draw| {
            let (from, until) = if draw.chance(80) { (-2, None) } else { draw.period() };
            (from, until, draw.chance(3))
        });
        let later = ORGANISATIONS - n - 1;
        let successor = (later > 0 && draw.chance(15)).then(|| {
            let from = draw.maybe(50, Draw::near);
            (n + 1 + draw.below(later), from)
        });
        Self { member, successor }
    }
}

impl Policy {
    fn drawn(draw: &mut Draw) -> Self {
        Self {
            modes: (0..PURPOSES).map(|_| if draw.chance(70) { 2 } else { draw.below(3) }).collect(),
            consent: draw.maybe(15, |draw| some(draw, 3, PURPOSES)).unwrap_or_default(),
            glass_roles: some(draw, 4, ROLES),
            glass_over: draw.chance(50),
            second_factor: draw.chance(30),
        }
    }
}

impl Profile {
    fn drawn(draw: &mut Draw) -> Self {
        Self {
            organisation: draw.below(ORGANISATIONS),
            acts_for: some(draw, 7, ORGANISATIONS + 1),
            role: low(draw, ROLES),
            purposes: {
                let mut purposes: Vec<usize> = (0..PURPOSES).filter(|_| draw.chance(50)).collect();
                let count = purposes.len();
                purposes.rotate_left(draw.below(count.max(1)));
                purposes
            },
            department: draw.maybe(30, |draw| draw.below(2)),
            assertion_required: draw.chance(10),
            standing: draw.chance(25),
        }
    }
}

impl Agreement {
    fn drawn(draw: &mut Draw) -> Self {
        let party = |draw: &mut Draw| match draw.below(10) {
            0..3 => BY_KIND + draw.below(3),
            _ => draw.below(ORGANISATIONS + 1),
        };
        let parties = |draw: &mut Draw| {
            let mut drawn = vec![party(draw)];
            drawn.extend(draw.several(3, party));
            drawn
        };
        let purpose = |draw: &mut Draw| low(draw, PURPOSES);
        Self {
            state: if draw.chance(85) { 0 } else { draw.below(8) },
            publishers: parties(draw),
            consumers: parties(draw),
            out: draw.maybe(15, |draw| draw.below(ORGANISATIONS)).into_iter().collect(),
            types: one_or_more(draw, ALL + 1),
            purposes: {
                let mut purposes = vec![purpose(draw)];
                purposes.extend(draw.maybe(40, purpose));
                purposes
            },
            roles: {
                let mut roles = vec![low(draw, ROLES)];
                roles.extend(draw.maybe(40, |draw| draw.below(ROLES)));
                roles
            },
            departments: draw.maybe(15, |draw| draw.below(2)).into_iter().collect(),
            period: draw.period(),
            ceiling: draw.below(3),
        }
    }
}

impl Question {
    /// Mostly about what some agreement of the world speaks of, so that permits occur.
    pub fn drawn(draw: &mut Draw, world: &World) -> Self {
        let mut question = Self::by_chance(draw, world);
        let aimed = world.agreements.get(draw.below(world.agreements.len().max(1)));
        if let Some(agreement) = aimed.filter(|_| draw.chance(60)) {
            question.purpose = pick(draw, &agreement.purposes);
            question.role = pick(draw, &agreement.roles);
            let known = |n: usize, other: usize| if n <= ORGANISATIONS { n } else { other };
            question.asker = known(pick(draw, &agreement.consumers), question.asker);
            let publisher = pick(draw, &agreement.publishers);
            question.publisher = Some(known(publisher, question.publisher.unwrap_or_default()));
            let of_type = pick(draw, &agreement.types);
            question.document_type = Some(of_type % TYPES);
            question.relationships.push((question.asker, -1, None));
        }
        question
    }

    fn by_chance(draw: &mut Draw, world: &World) -> Self {
        let organisation = |draw: &mut Draw| draw.below(ORGANISATIONS + 1);
        let wish = |draw: &mut Draw| Wish {
            share: draw.chance(45),
            of_type: draw.maybe(50, |draw| draw.below(ALL + 1)),
            publisher: draw.maybe(35, organisation),
            consumer: draw.maybe(35, organisation),
            day: draw.near(),
        };
        let seal = |draw: &mut Draw| Seal {
            entry: draw.below(2),
            locked: draw.chance(40),
            open_to: draw.several(3, organisation),
        };
        Self {
            asker: if draw.chance(5) { ORGANISATIONS } else { draw.below(ORGANISATIONS) },
            role: low(draw, ROLES),
            purpose: low(draw, PURPOSES),
            department: draw.maybe(40, |draw| draw.below(2)),
            flag: draw.maybe(15, Draw::near),
            glass: draw.maybe(50, |draw| (draw.chance(85), draw.chance(60))),
            publisher: draw.maybe(95, organisation),
            document_type: draw.maybe(95, |draw| draw.below(TYPES)),
            confidentiality: draw
                .several(3, |draw| if draw.chance(60) { draw.below(2) } else { draw.below(6) }),
            recipients: draw.maybe(20, organisation).into_iter().collect(),
            relationships: draw.several(3, |draw| {
                let (from, until) = draw.period();
                (draw.below(ORGANISATIONS), from, until)
            }),
            wishes: draw.maybe(45, |draw| draw.several(4, wish)).unwrap_or_default(),
            consents: some(draw, 3, PURPOSES),
            seals: draw.maybe(12, |draw| draw.several(3, seal)).unwrap_or_default(),
            died: draw.maybe(15, Draw::near),
            registered: draw.chance(95),
            certificate: if draw.chance(95) {
                world.profile.organisation
            } else {
                draw.below(ORGANISATIONS)
            },
            shown_role: draw.maybe(60, |draw| draw.below(super::made::SHOWN_ROLES.len())),
            shown_purpose: draw.maybe(60, |draw| low(draw, PURPOSES)),
            shown_organisation: draw.maybe(15, |draw| draw.below(ORGANISATIONS)),
        }
    }
}

fn pick(draw: &mut Draw, rows: &[usize]) -> usize {
    rows.get(draw.below(rows.len().max(1))).copied().unwrap_or_default()
}

/// The same with one row less, in every way.
pub fn smaller(world: &World, question: &Question) -> Vec<(World, Question)> {
    let mut all = Vec::new();
    for n in 0..world.agreements.len() {
        let mut fewer = world.clone();
        fewer.agreements.remove(n);
        all.push((fewer, question.clone()));
    }
    if world.tiers.is_some() {
        all.push((World { tiers: None, ..world.clone() }, question.clone()));
    }
    let mut less = |change: &dyn Fn(&mut Question) -> bool| {
        let mut changed = question.clone();
        if change(&mut changed) {
            all.push((world.clone(), changed));
        }
    };
    less(&|q| q.relationships.pop().is_some());
    less(&|q| q.wishes.pop().is_some());
    less(&|q| !q.wishes.is_empty() && !q.wishes.remove(0).share);
    less(&|q| q.seals.pop().is_some());
    less(&|q| q.consents.pop().is_some());
    less(&|q| q.confidentiality.pop().is_some());
    less(&|q| q.recipients.pop().is_some());
    less(&|q| q.died.take().is_some());
    less(&|q| q.flag.take().is_some());
    less(&|q| q.glass.take().is_some());
    less(&|q| q.department.take().is_some());
    all
}
