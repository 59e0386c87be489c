//! The metrics: what each counts, its columns, and the query that counts it.

use crate::Sql;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Consultations, by when they were asked for.
    Consultations,
    /// How long requests waited until the first acceptance, by when they were asked for.
    Waits,
    /// What came of offers, by when they were made.
    Offers,
    /// The same for each counsellor.
    CounselorLoad,
    /// Messages by when they were sent, deletions by when they were deleted.
    Messages,
    /// What people were found to feel, by when.
    Emotions,
    /// Ratings, by when they were given.
    Ratings,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A whole number.
    Count,
    /// A number, or nothing where nothing was measured.
    Number,
}

/// A column of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

const fn text(name: &'static str) -> Column {
    let kind = Kind::Text;
    Column { name, kind }
}

const fn count(name: &'static str) -> Column {
    let kind = Kind::Count;
    Column { name, kind }
}

const fn number(name: &'static str) -> Column {
    let kind = Kind::Number;
    Column { name, kind }
}

/// How many different people each row is about, in every metric.
pub const PEOPLE: &str = "people";

impl Metric {
    pub const ALL: [Self; 7] = [
        Self::Consultations,
        Self::Waits,
        Self::Offers,
        Self::CounselorLoad,
        Self::Messages,
        Self::Emotions,
        Self::Ratings,
    ];

    /// By the name that it has in addresses.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Consultations => "consultations",
            Self::Waits => "waits",
            Self::Offers => "offers",
            Self::CounselorLoad => "counselor_load",
            Self::Messages => "messages",
            Self::Emotions => "emotions",
            Self::Ratings => "ratings",
        }
    }

    /// The columns of its rows, as [`Metric::sql`] gives them behind the position.
    pub fn columns(self) -> &'static [Column] {
        const PERIOD: Column = text("period");
        const PEOPLE_COLUMN: Column = count(PEOPLE);
        match self {
            Self::Consultations => {
                &const {
                    [
                        PERIOD,
                        PEOPLE_COLUMN,
                        count("requested"),
                        count("by_guests"),
                        count("quick_match"),
                        count("accepted"),
                        count("completed"),
                        count("terminated"),
                    ]
                }
            }
            Self::Waits => {
                &const {
                    [
                        PERIOD,
                        PEOPLE_COLUMN,
                        count("accepted"),
                        number("mean_seconds"),
                        number("median_seconds"),
                        number("p90_seconds"),
                    ]
                }
            }
            Self::Offers => {
                &const {
                    [
                        PERIOD,
                        PEOPLE_COLUMN,
                        count("offered"),
                        count("accepted"),
                        count("rejected"),
                        count("expired"),
                        count("withdrawn"),
                        count("pending"),
                        number("mean_response_seconds"),
                    ]
                }
            }
            Self::CounselorLoad => {
                &const {
                    [
                        PERIOD,
                        text("counselor"),
                        PEOPLE_COLUMN,
                        count("offered"),
                        count("taken"),
                        count("rejected"),
                        count("expired"),
                        count("completed"),
                        count("returned"),
                    ]
                }
            }
            Self::Messages => {
                &const {
                    [
                        PERIOD,
                        text("room_kind"),
                        PEOPLE_COLUMN,
                        count("sent"),
                        count("deleted"),
                    ]
                }
            }
            Self::Emotions => {
                &const {
                    [
                        PERIOD,
                        text("label"),
                        PEOPLE_COLUMN,
                        count("answers"),
                        number("mean_intensity"),
                    ]
                }
            }
            Self::Ratings => {
                &const {
                    [
                        PERIOD,
                        PEOPLE_COLUMN,
                        count("ratings"),
                        number("mean_score"),
                        count("score_1"),
                        count("score_2"),
                        count("score_3"),
                        count("score_4"),
                        count("score_5"),
                    ]
                }
            }
        }
    }

    pub(super) fn sql(self) -> Sql {
        match self {
            Self::Consultations => CONSULTATIONS,
            Self::Waits => WAITS,
            Self::Offers => OFFERS,
            Self::CounselorLoad => COUNSELOR_LOAD,
            Self::Messages => MESSAGES,
            Self::Emotions => EMOTIONS,
            Self::Ratings => RATINGS,
        }
    }
}

/// Groups of the rows of a table on the days from `$1` to `$2`, by the periods that `$3` names, at
/// most `$4` of them, each beside the position up to which everything is counted; where there are
/// no groups, the position alone. In one statement, so that they belong together.
macro_rules! by_period {
    ($day:literal, $week:literal, $month:literal, $table:literal, $columns:literal, $groups:literal) => {
        Sql::Shared(concat!(
            "SELECT c.position, g.* FROM checkpoints AS c LEFT JOIN (SELECT period, ",
            $columns,
            " FROM (SELECT CASE $3 WHEN 'day' THEN ",
            $day,
            " WHEN 'week' THEN ",
            $week,
            " ELSE ",
            $month,
            " END AS period, t.* FROM ",
            $table,
            " AS t WHERE ",
            $day,
            " >= $1 AND ",
            $day,
            " <= $2) AS one GROUP BY period",
            $groups,
            " ORDER BY period",
            $groups,
            " LIMIT $4) AS g ON TRUE WHERE c.projection = 'analytics' ORDER BY g.period",
            $groups
        ))
    };
    ($table:literal, $columns:literal, $groups:literal) => {
        by_period!("t.day", "t.week", "t.month", $table, $columns, $groups)
    };
}

const CONSULTATIONS: Sql = by_period!(
    "consultation_facts",
    "COUNT(DISTINCT requester) AS people, COUNT(*) AS requested, \
     COUNT(CASE WHEN guest = 1 THEN 1 END) AS by_guests, \
     COUNT(CASE WHEN quick_match = 1 THEN 1 END) AS quick_match, \
     COUNT(accepted_at_ms) AS accepted, \
     COUNT(CASE WHEN status = 'completed' THEN 1 END) AS completed, \
     COUNT(CASE WHEN status = 'terminated' THEN 1 END) AS terminated",
    ""
);

const OFFERS: Sql = by_period!(
    "offer_facts",
    "COUNT(DISTINCT requester) AS people, COUNT(*) AS offered, \
     COUNT(CASE WHEN outcome = 'accepted' THEN 1 END) AS accepted, \
     COUNT(CASE WHEN outcome = 'rejected' THEN 1 END) AS rejected, \
     COUNT(CASE WHEN outcome = 'expired' THEN 1 END) AS expired, \
     COUNT(CASE WHEN outcome = 'withdrawn' THEN 1 END) AS withdrawn, \
     COUNT(CASE WHEN outcome = 'pending' THEN 1 END) AS pending, \
     CAST(SUM(CASE WHEN outcome = 'accepted' OR outcome = 'rejected' \
     THEN decided_at_ms - offered_at_ms END) AS DOUBLE PRECISION) \
     / NULLIF(COUNT(CASE WHEN outcome = 'accepted' OR outcome = 'rejected' THEN 1 END), 0) \
     / 1000.0 AS mean_response_seconds",
    ""
);

const COUNSELOR_LOAD: Sql = by_period!(
    "offer_facts",
    "counselor, COUNT(DISTINCT requester) AS people, COUNT(*) AS offered, \
     COUNT(CASE WHEN outcome = 'accepted' THEN 1 END) AS taken, \
     COUNT(CASE WHEN outcome = 'rejected' THEN 1 END) AS rejected, \
     COUNT(CASE WHEN outcome = 'expired' THEN 1 END) AS expired, \
     COUNT(CASE WHEN talk = 'completed' THEN 1 END) AS completed, \
     COUNT(CASE WHEN talk = 'returned' THEN 1 END) AS returned",
    ", counselor"
);

const MESSAGES: Sql = by_period!(
    "message_days",
    "room_kind, COUNT(DISTINCT CASE WHEN sent > 0 THEN sender END) AS people, \
     CAST(SUM(sent) AS BIGINT) AS sent, CAST(SUM(deleted) AS BIGINT) AS deleted",
    ", room_kind"
);

const EMOTIONS: Sql = by_period!(
    "emotion_days",
    "label, COUNT(DISTINCT person) AS people, CAST(SUM(answers) AS BIGINT) AS answers, \
     CAST(SUM(intensity_thousandths) AS DOUBLE PRECISION) \
     / CAST(SUM(answers) AS DOUBLE PRECISION) / 1000.0 AS mean_intensity",
    ", label"
);

const RATINGS: Sql = by_period!(
    "t.rated_day",
    "t.rated_week",
    "t.rated_month",
    "consultation_facts",
    "COUNT(DISTINCT requester) AS people, COUNT(*) AS ratings, \
     CAST(SUM(score) AS DOUBLE PRECISION) / COUNT(*) AS mean_score, \
     COUNT(CASE WHEN score = 1 THEN 1 END) AS score_1, \
     COUNT(CASE WHEN score = 2 THEN 1 END) AS score_2, \
     COUNT(CASE WHEN score = 3 THEN 1 END) AS score_3, \
     COUNT(CASE WHEN score = 4 THEN 1 END) AS score_4, \
     COUNT(CASE WHEN score = 5 THEN 1 END) AS score_5",
    ""
);

/// The median and the 90th percentile are waits that somebody had: of n in order, those at the
/// places n/2 and 0.9 n, rounded up.
const WAITS: Sql = Sql::Shared(
    "SELECT c.position, g.* FROM checkpoints AS c LEFT JOIN ( \
     SELECT period, COUNT(DISTINCT requester) AS people, COUNT(*) AS accepted, \
     CAST(SUM(wait_ms) AS DOUBLE PRECISION) / COUNT(*) / 1000.0 AS mean_seconds, \
     CAST(MAX(CASE WHEN place = (total + 1) / 2 THEN wait_ms END) AS DOUBLE PRECISION) / 1000.0 \
     AS median_seconds, \
     CAST(MAX(CASE WHEN place = (total * 9 + 9) / 10 THEN wait_ms END) AS DOUBLE PRECISION) \
     / 1000.0 AS p90_seconds \
     FROM (SELECT period, requester, wait_ms, \
     ROW_NUMBER() OVER (PARTITION BY period ORDER BY wait_ms, consultation) AS place, \
     COUNT(*) OVER (PARTITION BY period) AS total \
     FROM (SELECT CASE $3 WHEN 'day' THEN t.day WHEN 'week' THEN t.week ELSE t.month END \
     AS period, t.requester, t.consultation, t.accepted_at_ms - t.requested_at_ms AS wait_ms \
     FROM consultation_facts AS t \
     WHERE t.day >= $1 AND t.day <= $2 AND t.accepted_at_ms IS NOT NULL) AS one) AS placed \
     GROUP BY period ORDER BY period LIMIT $4) AS g ON TRUE \
     WHERE c.projection = 'analytics' ORDER BY g.period",
);

/// Every query of this file, by name.
pub(super) const STATEMENTS: &[(&str, Sql)] = &[
    ("CONSULTATIONS", CONSULTATIONS),
    ("WAITS", WAITS),
    ("OFFERS", OFFERS),
    ("COUNSELOR_LOAD", COUNSELOR_LOAD),
    ("MESSAGES", MESSAGES),
    ("EMOTIONS", EMOTIONS),
    ("RATINGS", RATINGS),
];
