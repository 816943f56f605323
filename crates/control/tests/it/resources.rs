//! Resources. <https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html>

use serde_json::{Value, json};
use tollgate_store::{Kind, all_of_kind};

use crate::fixture::Fixture;
use crate::play::{NONE, Step, any, fill, patch, play_after, play_on_pets};

const UNKNOWN: &str = "NotFoundException: Invalid Resource identifier specified";
const CREATE: &str = "POST /restapis/{api.id}/resources/{api.rootResourceId}";
const CREATE_BELOW: &str = "POST /restapis/{api.id}/resources/{pets.id}";

fn part(name: &str) -> Value {
    json!({ "pathPart": name })
}

/// Recorded: TestApiGatewayApiResource::test_resource_lifecycle.
#[tokio::test]
async fn a_life() {
    let fixture = Fixture::new();
    let pets = json!({"id": "{pets.id}", "parentId": "{api.rootResourceId}", "path": "/pets", "pathPart": "pets"});
    let answers = play_on_pets(&fixture, &[
        ("cat", CREATE_BELOW, part("cat"), 201, json!({"id": "*", "parentId": "{pets.id}", "path": "/pets/cat", "pathPart": "cat"})),
        ("get", "GET /restapis/{api.id}/resources/{pets.id}", NONE, 200, pets.clone()),
        ("by path, not by AWS's random ids", "GET /restapis/{api.id}/resources", NONE, 200, json!({"item": [
            {"id": "{api.rootResourceId}", "path": "/"}, pets, "*"
        ]})),
        ("renamed", "PATCH /restapis/{api.id}/resources/{pets.id}", patch(json!([["replace", "/pathPart", "animals"]])), 200,
            json!({"id": "{pets.id}", "parentId": "{api.rootResourceId}", "path": "/animals", "pathPart": "animals"})),
        ("its child too", "GET /restapis/{api.id}/resources/{cat.id}", NONE, 200, json!({"path": "/animals/cat", "...": true})),
        ("moved", "PATCH /restapis/{api.id}/resources/{cat.id}", patch(json!([["replace", "/parentId", "{api.rootResourceId}"]])), 200,
            json!({"parentId": "{api.rootResourceId}", "path": "/cat", "...": true})),
        ("and back", "PATCH /restapis/{api.id}/resources/{cat.id}", patch(json!([["replace", "/parentId", "{pets.id}"]])), 200, any()),
        ("a method below", "PUT /restapis/{api.id}/resources/{cat.id}/methods/GET", json!({"authorizationType": "NONE"}), 201, any()),
        ("deleted with all below", "DELETE /restapis/{api.id}/resources/{pets.id}", NONE, 202, NONE),
        ("gone", "GET /restapis/{api.id}/resources/{pets.id}", NONE, 404, json!(UNKNOWN)),
        ("gone as well", "GET /restapis/{api.id}/resources/{cat.id}", NONE, 404, json!(UNKNOWN)),
        ("the root is left", "GET /restapis/{api.id}/resources", NONE, 200, json!({"item": ["*"]})),
    ]).await;
    assert_eq!(answers["pets"]["id"].as_str().map(str::len), Some(6));
    let methods = all_of_kind(&*fixture.store, Kind::Method).await;
    assert_eq!(methods.expect("a store"), []);
}

/// Recorded: test_resource_lifecycle and imports.
#[tokio::test]
async fn methods_are_shown_by_name_or_whole() {
    let fixture = Fixture::new();
    let get = json!({"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false});
    let whole = json!({"resourceMethods": {"GET": get}, "...": true});
    let named = json!({"resourceMethods": {"GET": {}}, "...": true});
    play_on_pets(
        &fixture,
        &[
            (
                "a method",
                "PUT /restapis/{api.id}/resources/{pets.id}/methods/GET",
                json!({"authorizationType": "NONE"}),
                201,
                any(),
            ),
            (
                "named",
                "GET /restapis/{api.id}/resources/{pets.id}",
                NONE,
                200,
                named.clone(),
            ),
            (
                "whole",
                "GET /restapis/{api.id}/resources/{pets.id}?embed=methods",
                NONE,
                200,
                whole.clone(),
            ),
            (
                "all named",
                "GET /restapis/{api.id}/resources",
                NONE,
                200,
                json!({"item": ["*", named]}),
            ),
            (
                "all whole",
                "GET /restapis/{api.id}/resources?embed=methods",
                NONE,
                200,
                json!({"item": ["*", whole]}),
            ),
        ],
    )
    .await;
}

/// Recorded: test_create_proxy_resource_validation, test_create_resource_parent_invalid. The rule of names is the guide's.
#[tokio::test]
async fn names() {
    let fixture = Fixture::new();
    let rule = "BadRequestException: Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end";
    let long = "BadRequestException: Tollgate takes paths of at most 2048 bytes";
    let mut steps: Vec<Step<'_>> = vec![
        (
            "taken",
            CREATE,
            part("pets"),
            409,
            json!(
                "ConflictException: Another resource with the same parent already has this name: pets"
            ),
        ),
        (
            "proxy",
            CREATE,
            part("{proxy+}"),
            201,
            json!({"path": "/{proxy+}", "...": true}),
        ),
        (
            "below greedy",
            "POST /restapis/{api.id}/resources/{proxy.id}",
            part("a"),
            400,
            json!(
                "BadRequestException: Cannot create a child of a resource with a greedy path variable: {proxy+}"
            ),
        ),
        (
            "beside greedy",
            CREATE,
            part("{id}"),
            400,
            json!(
                "BadRequestException: A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed"
            ),
        ),
        (
            "a variable elsewhere",
            CREATE_BELOW,
            part("{id}"),
            201,
            any(),
        ),
        (
            "no parent",
            "POST /restapis/{api.id}/resources/nothing",
            part("a"),
            404,
            json!(UNKNOWN),
        ),
        (
            "no API",
            "POST /restapis/nothing/resources/nothing",
            part("a"),
            404,
            json!(UNKNOWN),
        ),
    ];
    for name in [
        "a b", "a/b", "", "{", "}", "{}", "{+}", "{a}b", "a{b}", "{a{b}}", "é", "a+", "{a+}+",
    ] {
        steps.push(("refused", CREATE_BELOW, part(name), 400, json!(rule)));
    }
    for name in ["a.b-c_d", "A9", "a:b", "a,b"] {
        steps.push(("taken", CREATE_BELOW, part(name), 201, any()));
    }
    // `/pets/` comes before.
    let longest = "a".repeat(2042);
    steps.extend([
        ("the longest", CREATE_BELOW, part(&longest), 201, any()),
        (
            "too long",
            CREATE_BELOW,
            part(&"b".repeat(2043)),
            400,
            json!(long),
        ),
        (
            "moved to where what is below is too long",
            "PATCH /restapis/{api.id}/resources/{pets.id}",
            patch(json!([["replace", "/pathPart", "longer"]])),
            400,
            json!(long),
        ),
    ]);
    play_on_pets(&fixture, &steps).await;
}

/// Recorded: test_update_resource_behaviour, test_update_resource_on_root.
#[tokio::test]
async fn refused_patches() {
    let fixture = Fixture::new();
    let on = "PATCH /restapis/{api.id}/resources/{pets.id}";
    let root = "PATCH /restapis/{api.id}/resources/{api.rootResourceId}";
    let bad = |text: &str| json!(format!("BadRequestException: {text}"));
    play_on_pets(&fixture, &[
        ("cats", CREATE, part("cats"), 201, any()),
        ("cat", CREATE_BELOW, part("cat"), 201, any()),
        ("no such path", on, patch(json!([["replace", "/invalid", "a"]])), 400, bad("Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]")),
        ("add", on, patch(json!([["add", "/pathPart", "a"]])), 400, bad("Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations")),
        ("remove", on, patch(json!([["remove", "/pathPart"]])), 400, bad("Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations")),
        ("cyclical", on, patch(json!([["replace", "/parentId", "{cat.id}"]])), 400, bad("Resources cannot be cyclical.")),
        ("below itself", on, patch(json!([["replace", "/parentId", "{pets.id}"]])), 400, bad("Resources cannot be cyclical.")),
        ("no parent", on, patch(json!([["replace", "/parentId", "nothing"]])), 404, json!(UNKNOWN)),
        ("taken", on, patch(json!([["replace", "/pathPart", "cats"]])), 409, json!("ConflictException: Another resource with the same parent already has this name: cats")),
        ("the root's name", root, patch(json!([["replace", "/pathPart", "a"]])), 400, bad("Root resource cannot update its pathPart.")),
        ("the root's parent", root, patch(json!([["replace", "/parentId", "{pets.id}"]])), 400, bad("Root resource cannot update its parentId.")),
        ("unknown", "PATCH /restapis/{api.id}/resources/nothing", patch(json!([])), 404, json!(UNKNOWN)),
        // Guess: AWS's text is not recorded.
        ("the root stays", "DELETE /restapis/{api.id}/resources/{api.rootResourceId}", NONE, 400, bad("Root resource cannot be deleted.")),
    ]).await;
}

/// Trees are kept between calls; a control plane that has just come over the same store has to read them.
#[tokio::test]
async fn a_tree_that_is_kept_is_the_one_that_is_stored() {
    let fixture = Fixture::new();
    let other = fixture.seeded(7);
    let mut answers = play_on_pets(&fixture, &[]).await;
    let document = json!({"swagger": "2.0", "info": {"title": "a", "version": "1"}, "paths": {"/new/deep": {}}});
    let moved = patch(json!([["replace", "/pathPart", "animals"]]));
    let method = json!({"authorizationType": "NONE"});
    let steps = [
        (&fixture, "cat", CREATE_BELOW, part("cat"), 201),
        (&fixture, "dog", CREATE_BELOW, part("dog"), 201),
        (&fixture, "refused", CREATE_BELOW, part("dog"), 409),
        (&other, "elsewhere", CREATE_BELOW, part("cow"), 201),
        (&fixture, "after that", CREATE_BELOW, part("ant"), 201),
        (
            &fixture,
            "method",
            "PUT /restapis/{api.id}/resources/{cat.id}/methods/GET",
            method,
            201,
        ),
        (
            &fixture,
            "moved",
            "PATCH /restapis/{api.id}/resources/{pets.id}",
            moved,
            200,
        ),
        (
            &other,
            "gone elsewhere",
            "DELETE /restapis/{api.id}/resources/{dog.id}",
            NONE,
            202,
        ),
        (
            &fixture,
            "gone",
            "DELETE /restapis/{api.id}/resources/{cat.id}",
            NONE,
            202,
        ),
        (&fixture, "the name is free", CREATE_BELOW, part("cat"), 201),
        (
            &fixture,
            "written anew",
            "PUT /restapis/{api.id}?mode=overwrite",
            document,
            200,
        ),
        (&fixture, "on the new", CREATE, part("last"), 201),
    ];
    for (by, name, request, body, status) in steps {
        answers = play_after(by, answers, &[(name, request, body, status, any())]).await;
        let target = fill("/restapis/{api.id}/resources?limit=500", &answers);
        let kept = fixture.call("GET", &target, "").await;
        let read = fixture.seeded(8).call("GET", &target, "").await;
        assert_eq!((kept.status, &kept.text), (200, &read.text), "{name}");
    }
}
