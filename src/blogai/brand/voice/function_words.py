"""English words that carry grammar rather than subject; in other languages every word counts as content."""

FUNCTION_WORDS = frozenset(
    """
    a an the this that these those such each every either neither some any no none all both half many much
    more most few fewer little less least several enough other another same own i me my mine myself we us our
    ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
    they them their theirs themselves one ones oneself who whom whose which what whatever whichever whoever
    someone somebody something anyone anybody anything everyone everybody everything nobody nothing am is are
    was were be been being have has had having do does did doing done will would shall should can could may
    might must ought need dare used isn't aren't wasn't weren't haven't hasn't hadn't don't doesn't didn't
    won't wouldn't shan't shouldn't can't cannot couldn't mightn't mustn't needn't i'm i've i'd i'll we're
    we've we'd we'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll they're
    they've they'd they'll that's there's here's what's who's where's how's let's about above across after
    against along among amongst around as at before behind below beneath beside besides between beyond by
    concerning despite down during except for from in inside into like near of off on onto opposite out
    outside over past per plus since than through throughout till to toward towards under underneath unlike
    until unto up upon versus via with within without and but or nor so yet because although though while
    whereas if unless whether once when whenever where wherever why how not never always often sometimes
    usually rarely seldom ever again already still just only even also too very quite rather really pretty
    almost nearly perhaps maybe probably certainly indeed however therefore thus hence moreover furthermore
    nevertheless nonetheless otherwise instead meanwhile anyway then now here there today soon later ago away
    back together apart else well first second third last next two three four five six seven eight nine ten
    yes oh okay ok please thanks get gets got getting go goes going gone went come comes came come make makes
    made take takes took taken say says said see sees seen saw know knows knew known think thinks thought
    want wants wanted likes use uses using let lets way ways thing things lot bit kind sort
    """.split()  # noqa: SIM905
)
