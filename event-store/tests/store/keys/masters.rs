//! The master key: the right one is needed, and it can be changed.

use event_store::OpenError;
use event_store::keys::KeyError;

use super::{Home, is_destroyed, master, numbered, other_master, present};

pub async fn a_wrong_master_key_is_refused_unless_there_is_nothing_to_lose(home: &impl Home) {
    assert!(home.is_fresh());
    drop(home.open(master()).unwrap());
    assert!(home.is_fresh());

    let keys = home.open(other_master()).unwrap();
    keys.get_or_create(&["a".into()]).unwrap();
    drop(keys);

    assert!(!home.is_fresh());
    let wrong = || {
        Some(OpenError::WrongMaster {
            place: home.place(),
        })
    };
    assert_eq!(home.open(master()).err(), wrong());
    assert_eq!(home.open_read_only(master()).err(), wrong());
    home.open(other_master()).unwrap();
}

pub async fn a_new_master_key_wraps_everything_anew(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let names = numbered(2_500);
    let before = keys.get_or_create(&names).unwrap();
    keys.destroy(&["gone".into()]).unwrap();
    keys.put_secret("pepper", b"salt").unwrap();

    keys.rotate_master(other_master()).unwrap();
    keys.forget(&names);
    assert_eq!(present(&*keys, &names[0]), before[0]);
    keys.get_or_create(&["later".into()]).unwrap();
    drop(keys);

    assert!(matches!(
        home.open(master()),
        Err(OpenError::WrongMaster { .. })
    ));
    let keys = home.open(other_master()).unwrap();
    assert_eq!(keys.get_or_create(&names).unwrap(), before);
    present(&*keys, "later");
    assert!(is_destroyed(&*keys, "gone"));
    assert_eq!(&**keys.secret("pepper").unwrap().unwrap(), b"salt");
}

pub async fn a_flipped_bit_is_named_and_stops_a_rotation_whole(home: &impl Home) {
    let keys = home.open(master()).unwrap();
    let names = numbered(3);
    let made = keys.get_or_create(&names).unwrap();
    keys.put_secret("pepper", b"salt").unwrap();
    home.flip_a_bit("keys", &names[1]).await;
    keys.forget(&names);

    let damaged = || Some(KeyError::DoesNotUnwrap(names[1].clone()));
    assert_eq!(keys.get(&names[1]).err(), damaged());
    assert_eq!(keys.get_many(&names).err(), damaged());
    assert_eq!(keys.get_or_create(&names[1..2]).err(), damaged());
    assert_eq!(present(&*keys, &names[2]), made[2]);
    assert_eq!(keys.rotate_master(other_master()).err(), damaged());
    assert_eq!(present(&*keys, &names[0]), made[0]);
    drop(keys);

    let keys = home.open(master()).unwrap();
    assert_eq!(present(&*keys, &names[0]), made[0]);
    keys.destroy(&names[1..2]).unwrap();
    keys.rotate_master(other_master()).unwrap();
    home.flip_a_bit("secrets", "pepper").await;
    assert_eq!(
        keys.secret("pepper").err(),
        Some(KeyError::DoesNotUnwrap("pepper".into()))
    );
}
