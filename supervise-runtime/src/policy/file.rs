//! A policy in a configuration file, in the words of the attribute.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::text::{self, duration};
use super::{Backoff, MaxRestarts, Policy, PolicyError, Restart};

const FIELDS: [&str; 6] = [
    "restart",
    "backoff",
    "jitter",
    "healthy_after",
    "max_restarts",
    "timeout",
];

/// How a value is read, and what is said of one that can't be.
struct Read<T> {
    wrong: PolicyError,
    text: fn(&str) -> Result<T, PolicyError>,
    switch: fn(bool) -> Option<T>,
    number: fn(u64) -> Option<T>,
}

impl<T> Read<T> {
    const fn text(wrong: PolicyError, text: fn(&str) -> Result<T, PolicyError>) -> Self {
        Self {
            wrong,
            text,
            switch: |_| None,
            number: |_| None,
        }
    }
}

const RESTART: Read<Restart> = Read {
    switch: |restart| {
        Some(if restart {
            Restart::OnFailure
        } else {
            Restart::Never
        })
    },
    ..Read::text(PolicyError::NO_RESTART, str::parse)
};

const BACKOFF: Read<Backoff> = Read::text(PolicyError::NO_BACKOFF, str::parse);

const MAX_RESTARTS: Read<MaxRestarts> = Read {
    number: |restarts| Some(MaxRestarts::since_healthy(restarts.try_into().ok()?)),
    ..Read::text(PolicyError::NO_MAX_RESTARTS, str::parse)
};

const HEALTHY_AFTER: Read<Duration> = Read::text(PolicyError::NO_HEALTHY_AFTER, |text| {
    match duration(text).ok_or(PolicyError::NO_HEALTHY_AFTER)? {
        Duration::ZERO => Err(PolicyError::ZERO_HEALTHY_AFTER),
        uptime => Ok(uptime),
    }
});

const TIMEOUT: Read<Duration> = Read::text(PolicyError::NO_TIMEOUT, |text| {
    match duration(text).ok_or(PolicyError::NO_TIMEOUT)? {
        Duration::ZERO => Err(PolicyError::ZERO_TIMEOUT),
        timeout => Ok(timeout),
    }
});

impl<'de, T> DeserializeSeed<'de> for Read<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> Visitor<'_> for Read<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of `{}`", self.wrong.field())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.text)(text).map_err(|error| E::custom(format_args!("{error}; found {text:?}")))
    }

    fn visit_bool<E: Error>(self, switch: bool) -> Result<T, E> {
        let wrong = || E::custom(format_args!("{}; found {switch}", self.wrong));
        (self.switch)(switch).ok_or_else(wrong)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        let wrong = || E::custom(format_args!("{}; found {number}", self.wrong));
        (self.number)(number).ok_or_else(wrong)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::custom(format_args!("{}; found {number}", self.wrong))),
        }
    }
}

/// `true`, `false` or the word, as in the attribute.
impl<'de> Deserialize<'de> for Restart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RESTART.deserialize(deserializer)
    }
}

/// `"1s..1m"` or `"5s"`, as in the attribute.
impl<'de> Deserialize<'de> for Backoff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BACKOFF.deserialize(deserializer)
    }
}

/// `5` or `"5 in 10m"`, as in the attribute.
impl<'de> Deserialize<'de> for MaxRestarts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        MAX_RESTARTS.deserialize(deserializer)
    }
}

/// A map of the fields that are not to have their defaults.
impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Policy", &FIELDS, Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Policy;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a restart policy, such as `restart = true`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Policy, A::Error> {
        let mut policy = Policy::new();
        let mut seen = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let Some(field) = FIELDS.into_iter().find(|field| *field == key) else {
                return Err(Error::unknown_field(&key, &FIELDS));
            };
            if seen.contains(&field) {
                return Err(Error::duplicate_field(field));
            }
            seen.push(field);
            match field {
                "restart" => policy.restart = map.next_value_seed(RESTART)?,
                "backoff" => policy.backoff = map.next_value_seed(BACKOFF)?,
                "jitter" => policy.jitter = map.next_value()?,
                "healthy_after" => policy.healthy_after = Some(map.next_value_seed(HEALTHY_AFTER)?),
                "max_restarts" => policy.max_restarts = Some(map.next_value_seed(MAX_RESTARTS)?),
                _ => policy.timeout = Some(map.next_value_seed(TIMEOUT)?),
            }
        }
        contradiction(&policy, &seen).map_or(Ok(policy), |error| Err(Error::custom(error)))
    }
}

/// Fields that make no sense beside, or without, each other.
fn contradiction(policy: &Policy, seen: &[&str]) -> Option<PolicyError> {
    let alone = [
        ("backoff", PolicyError::BACKOFF_ALONE),
        ("jitter", PolicyError::JITTER_ALONE),
        ("healthy_after", PolicyError::HEALTHY_AFTER_ALONE),
        ("max_restarts", PolicyError::MAX_RESTARTS_ALONE),
    ];
    let mut alone = alone.into_iter().filter(|(field, _)| seen.contains(field));
    match (policy.healthy_after, policy.timeout) {
        _ if !seen.contains(&"restart") => alone.next().map(|(_, error)| error),
        (Some(uptime), Some(timeout)) if timeout <= uptime => {
            Some(PolicyError::HEALTHY_AFTER_TIMEOUT)
        }
        _ => None,
    }
}

/// The word.
impl Serialize for Restart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The string.
impl Serialize for Backoff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The string.
impl Serialize for MaxRestarts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A map that is read as the same policy.
impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("restart", &self.restart)?;
        map.serialize_entry("backoff", &self.backoff)?;
        map.serialize_entry("jitter", &self.jitter)?;
        if let Some(uptime) = self.healthy_after {
            map.serialize_entry("healthy_after", &Text(uptime))?;
        }
        if let Some(limit) = &self.max_restarts {
            map.serialize_entry("max_restarts", limit)?;
        }
        if let Some(timeout) = self.timeout {
            map.serialize_entry("timeout", &Text(timeout))?;
        }
        map.end()
    }
}

struct Text(Duration);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self.0, f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
