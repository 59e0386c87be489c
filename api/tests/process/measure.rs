use crate::world::World;
#[tokio::test(flavor = "multi_thread")]
async fn measure() {
    let world = World::new().await;
    for _ in 0..50 { world.quickly_waits().await; }
    for n in 0..1000 { world.quickly_asks(n % 2 == 0).await; }
    let t = std::time::Instant::now();
    world.settles().await;
    println!("settled {:?}", t.elapsed());
    for _ in 0..3 {
        let t = std::time::Instant::now();
        world.looks().await;
        println!("look {:?}", t.elapsed());
    }
    let t = std::time::Instant::now();
    world.quickly_waits().await;
    world.settles().await;
    println!("newcomer {:?}", t.elapsed());
    world.stop().await;
}
